#include "worker.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <random>
#include <system_error>

namespace tandem {

namespace {

constexpr std::uint64_t kWakeTag = ~std::uint64_t{0};
constexpr std::int64_t kIdleTimeoutNs = 1 * kSecond;
constexpr std::int64_t kNtpUnixSeconds = 2'208'988'800;  // from 1900 to 1970

std::int64_t monotonic_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

NtpTime ntp_at_monotonic_zero() noexcept {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  return ntp_from_ns(wall_ns - monotonic_ns()) + (static_cast<NtpTime>(kNtpUnixSeconds) << 32U);
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

void add_to_epoll(int epoll, int descriptor, std::uint32_t interest, std::uint64_t tag) {
  epoll_event event{};
  event.events = interest;
  event.data.u64 = tag;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw std::system_error(errno, std::system_category(), "cannot watch a descriptor");
  }
}

}  // namespace

Worker::Worker(const std::vector<Address>& addresses, std::size_t events_limit,
               std::unique_ptr<CryptoBackend> crypto)
    : events_(events_limit, counters_),
      crypto_(std::move(crypto)),
      seals_(crypto_->make_seal_batch()),
      sink_(*this),
      dataplane_(sink_, events_, counters_, ntp_at_monotonic_zero(), random_seed(), *crypto_),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  try {
    add_to_epoll(epoll_, wake_, EPOLLIN, kWakeTag);
    for (const Address& address : addresses) {
      sockets_.push_back(std::make_unique<UdpSocket>(address, counters_, seals_.get()));
      add_to_epoll(epoll_, sockets_.back()->descriptor(), EPOLLIN, sockets_.size() - 1);
    }
    watches_writable_.resize(sockets_.size());
    now_ns_ = monotonic_ns();
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    ::close(wake_);
    ::close(epoll_);
    throw;
  }
}

Worker::~Worker() {
  close();
  ::close(wake_);
  ::close(epoll_);
}

std::vector<Address> Worker::addresses() const {
  std::vector<Address> bound;
  for (const auto& socket : sockets_) {
    bound.push_back(socket->address());
  }
  return bound;
}

bool Worker::post(Command command) {
  {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return closing_ || commands_.size() < kMaxCommands; });
    if (closing_) {
      return false;
    }
    commands_.push_back(std::move(command));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  return true;
}

void Worker::close() {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) {
      return;
    }
    closing_ = true;
  }
  has_room_.notify_all();
  stop_.store(true);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  thread_.join();
  // Whoever still waits for an answer gets one.
  run_commands();
  sockets_.clear();
}

void Worker::run_commands() {
  std::uint64_t value = 0;
  [[maybe_unused]] const ssize_t read = ::read(wake_, &value, sizeof value);
  // One round: what is posted meanwhile wakes the thread again, after it has looked at its sockets.
  std::deque<Command> round;
  {
    const std::lock_guard lock(mutex_);
    round.swap(commands_);
  }
  has_room_.notify_all();
  for (const Command& command : round) {
    command(dataplane_, now_ns_);
  }
  counters_.add(Counter::CommandsApplied, round.size());
}

void Worker::wait(std::int64_t timeout_ns) {
  std::array<epoll_event, 16> ready{};
  const timespec timeout{.tv_sec = timeout_ns / kSecond, .tv_nsec = timeout_ns % kSecond};
  const auto limit = static_cast<int>(ready.size());
  if (::epoll_pwait2(epoll_, ready.data(), limit, &timeout, nullptr) < 0 && errno == ENOSYS) {
    // A kernel before 5.11 counts in milliseconds: what is held goes out early.
    ::epoll_wait(epoll_, ready.data(), limit, static_cast<int>(timeout_ns / kMillisecond));
  }
  now_ns_ = monotonic_ns();
}

bool Worker::receive_all() {
  bool received = false;
  for (std::size_t index = 0; index < sockets_.size(); ++index) {
    for (const ReceivedDatagram& datagram : sockets_[index]->receive()) {
      received = true;
      if (datagram.is_truncated) {
        counters_.add(Counter::InDatagrams);
        counters_.add(Counter::DropTruncated);
        continue;
      }
      dataplane_.handle_datagram({.remote = datagram.remote, .socket = static_cast<std::uint16_t>(index)},
                                 datagram.bytes, now_ns_);
    }
  }
  return received;
}

void Worker::flush_all() {
  for (std::size_t index = 0; index < sockets_.size(); ++index) {
    sockets_[index]->flush(now_ns_);
    watch_blocked(index);
  }
}

void Worker::watch_blocked(std::size_t index) {
  const bool is_blocked = sockets_[index]->is_blocked();
  if (is_blocked == watches_writable_[index]) {
    return;
  }
  epoll_event event{};
  event.events = is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, sockets_[index]->descriptor(), &event);
  watches_writable_[index] = is_blocked;
}

void Worker::run() {
  ::prctl(PR_SET_NAME, "tandem-packets");
  constexpr unsigned long kTimerSlackNs = 5'000;  // what is held is due in tenths of a millisecond
  ::prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
  std::int64_t next_tick_ns = now_ns_;
  while (!stop_.load(std::memory_order_relaxed)) {
    std::int64_t timeout_ns = 0;
    if (dataplane_.is_idle()) {
      const std::int64_t due_ns = std::min(next_tick_ns, dataplane_.next_due_ns());
      timeout_ns = dataplane_.has_transports() ? std::max<std::int64_t>(due_ns - now_ns_, 0) : kIdleTimeoutNs;
    }
    wait(timeout_ns);
    run_commands();
    receive_all();
    dataplane_.run_slice(now_ns_);
    if (now_ns_ >= next_tick_ns) {
      dataplane_.handle_time(now_ns_);
      next_tick_ns = now_ns_ + Dataplane::kTickNs;
    }
    flush_all();
  }
}

MutableBytes Worker::SocketSink::reserve(const Path& path) {
  UdpSocket& socket = *worker_.sockets_[path.socket];
  MutableBytes room = socket.batch().reserve();
  if (room.empty() && !socket.is_blocked()) {
    socket.flush(worker_.now_ns_);
    room = socket.batch().reserve();
  }
  if (room.empty()) {
    worker_.counters_.add(Counter::EgressDropFull);
  }
  socket_ = &socket;
  destination_ = path.remote;
  return room;
}

void Worker::SocketSink::commit(std::size_t length) {
  socket_->batch().commit(destination_, length, worker_.now_ns_, socket_->may_segment(destination_));
}

}  // namespace tandem
