#include "events.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tandem {

EventQueue::EventQueue(std::size_t limit, Counters& counters)
    : limit_(std::max<std::size_t>(limit, 1)),
      counters_(counters),
      notifier_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (notifier_ < 0) {
    throw std::system_error(errno, std::system_category(), "cannot open an eventfd");
  }
}

EventQueue::~EventQueue() {
  ::close(notifier_);
}

bool EventQueue::push(Event event) {
  const bool is_datagram = event.kind == EventKind::Datagram;
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (events_.size() >= limit_ ||
        (is_datagram && datagrams_ >= std::max<std::size_t>(limit_ / kDatagramShare, 1))) {
      counters_.add(Counter::EventsLost);
      return false;
    }
    was_empty = events_.empty();
    datagrams_ += is_datagram ? 1 : 0;
    events_.push_back(std::move(event));
  }
  if (was_empty) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(notifier_, &one, sizeof one);
  }
  return true;
}

std::vector<Event> EventQueue::take(std::size_t limit) {
  std::vector<Event> taken;
  const std::lock_guard lock(mutex_);
  const std::size_t count = std::min(limit, events_.size());
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    datagrams_ -= events_.front().kind == EventKind::Datagram ? 1U : 0U;
    taken.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  if (events_.empty()) {
    std::uint64_t value = 0;
    [[maybe_unused]] const ssize_t read = ::read(notifier_, &value, sizeof value);
  }
  return taken;
}

}  // namespace tandem
