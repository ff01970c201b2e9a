#include "doorbell.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tandem {

Doorbell::Doorbell() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) {
    throw std::system_error(errno, std::system_category(), "cannot open an eventfd");
  }
}

Doorbell::~Doorbell() {
  ::close(descriptor_);
}

void Doorbell::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Doorbell::clear() noexcept {
  std::uint64_t value = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &value, sizeof value);
}

}  // namespace tandem
