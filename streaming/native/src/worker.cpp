#include "worker.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <random>
#include <span>
#include <system_error>

#include "udp_steering.hpp"
namespace tandem {

namespace {

constexpr std::uint64_t kWakeTag = ~std::uint64_t{0};
constexpr std::uint64_t kControlTag = kWakeTag - 1;
constexpr std::int64_t kIdleTimeoutNs = 1 * kSecond;
// A tick goes with what wakes the thread anyhow, if that comes soon.
constexpr std::int64_t kTickPatienceNs = 5 * kMillisecond;
constexpr std::int64_t kNtpUnixSeconds = 2'208'988'800;  // from 1900 to 1970

std::int64_t monotonic_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
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

NtpTime ntp_at_monotonic_zero() noexcept {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  return ntp_from_ns(wall_ns - monotonic_ns()) + (static_cast<NtpTime>(kNtpUnixSeconds) << 32U);
}

Worker::Worker(const std::vector<Address>& addresses, EventSink& events, UdpSocket::Port port,
               NtpTime ntp_at_zero, std::unique_ptr<CryptoBackend> crypto)
    : crypto_(std::move(crypto)),
      seals_(crypto_->make_seal_batch()),
      sink_(*this),
      dataplane_(sink_, events, counters_, ntp_at_zero, random_seed(), *crypto_),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  try {
    add_to_epoll(epoll_, doorbell_.descriptor(), EPOLLIN, kWakeTag);
    for (const Address& address : addresses) {
      sockets_.push_back(std::make_unique<UdpSocket>(address, counters_, seals_.get(), port));
      add_to_epoll(epoll_, sockets_.back()->descriptor(), EPOLLIN, sockets_.size() - 1);
      control_sockets_.push_back(
          std::make_unique<UdpReceiver>(sockets_.back()->address(), UdpReceiver::Port::Joined));
      add_to_epoll(epoll_, control_sockets_.back()->descriptor(), EPOLLIN, kControlTag);
    }
    watches_writable_.resize(sockets_.size());
    now_ns_ = monotonic_ns();
  } catch (...) {
    ::close(epoll_);
    throw;
  }
}

Worker::~Worker() {
  close();
  ::close(epoll_);
}

void Worker::connect(std::vector<WorkerLinks::Link> links) {
  links_.connect(std::move(links));
  dataplane_.join(links_);
}

void Worker::start() {
  const auto workers = static_cast<std::uint32_t>(std::max<std::size_t>(links_.count(), 1));
  is_steered_ = std::ranges::all_of(sockets_, [workers](const auto& socket) {
    return steer_by_kind(socket->descriptor(), socket->address().is_v6, workers);
  });
  counters_.add(Counter::WithoutSteering, is_steered_ ? 0 : 1);
  thread_ = std::thread([this] { run(); });
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
    has_commands_.store(true);
  }
  doorbell_.ring();
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
  doorbell_.ring();
  if (thread_.joinable()) {
    thread_.join();
  }
  // Whoever still waits for an answer gets one.
  run_commands();
  sockets_.clear();
  control_sockets_.clear();
}

void Worker::run_commands() {
  if (!has_commands_.load()) {
    return;
  }
  // One round: what is posted meanwhile wakes the thread again, after it has looked at its sockets.
  std::deque<Command> round;
  {
    const std::lock_guard lock(mutex_);
    round.swap(commands_);
    has_commands_.store(false);
  }
  has_room_.notify_all();
  for (const Command& command : round) {
    command(dataplane_, now_ns_);
  }
  counters_.add(Counter::CommandsApplied, round.size());
}

Worker::Calls Worker::wait(std::int64_t timeout_ns) {
  if (!dataplane_.is_idle()) {
    now_ns_ = monotonic_ns();
    return {.media = true};
  }
  std::array<epoll_event, 16> ready{};
  const timespec timeout{.tv_sec = timeout_ns / kSecond, .tv_nsec = timeout_ns % kSecond};
  const auto limit = static_cast<int>(ready.size());
  int count = ::epoll_pwait2(epoll_, ready.data(), limit, &timeout, nullptr);
  if (count < 0 && errno == ENOSYS) {
    // A kernel before 5.11 counts in milliseconds: what is held goes out early.
    count = ::epoll_wait(epoll_, ready.data(), limit, static_cast<int>(timeout_ns / kMillisecond));
  }
  now_ns_ = monotonic_ns();
  Calls calls;
  for (const epoll_event& event : std::span(ready).first(static_cast<std::size_t>(std::max(count, 0)))) {
    if (event.data.u64 == kWakeTag) {
      doorbell_.clear();
    }
    calls.control |= event.data.u64 == kControlTag;
    calls.media |= event.data.u64 < sockets_.size();
  }
  return calls;
}

void Worker::receive_media() {
  for (std::size_t index = 0; index < sockets_.size(); ++index) {
    receive(*sockets_[index], index);
  }
  links_.wake();
}

void Worker::receive_control() {
  std::size_t most = 0;
  for (std::size_t index = 0; index < control_sockets_.size(); ++index) {
    most = std::max(most, receive(*control_sockets_[index], index));
  }
  links_.wake();
  if (!is_steered_) {
    return;  // media may come here as well
  }
  const bool was_armed = control_pace_.is_armed();
  control_pace_.handle_look(now_ns_, most > 0, most == UdpReceiver::kReceiveBatch);
  if (control_pace_.is_armed() != was_armed) {
    arm_control(!was_armed);
  }
}

std::size_t Worker::receive(UdpReceiver& receiver, std::size_t index) {
  const std::span<const ReceivedDatagram> received = receiver.receive();
  // After the kernel has been asked and before the datagrams are looked at: whatever they answer to, its
  // sender has told us by then (whose path it is).
  take_handovers();
  for (const ReceivedDatagram& datagram : received) {
    if (datagram.is_truncated) {
      counters_.add(Counter::InDatagrams);
      counters_.add(Counter::DropTruncated);
      continue;
    }
    dataplane_.handle_datagram({.remote = datagram.remote, .socket = static_cast<std::uint16_t>(index)},
                               datagram.bytes, now_ns_);
  }
  return received.size();
}

void Worker::arm_control(bool is_armed) {
  for (const auto& socket : control_sockets_) {
    epoll_event event{};
    event.events = is_armed ? std::uint32_t{EPOLLIN} : 0U;
    event.data.u64 = kControlTag;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket->descriptor(), &event);
  }
}

void Worker::take_handovers() {
  links_.take([this](WorkerIndex from, HandoverKind kind, MutableBytes record) {
    dataplane_.handle_handover(from, kind, record, now_ns_);
  });
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

void Worker::prepare_thread() {
  ::prctl(PR_SET_NAME, "tandem-packets");
  constexpr unsigned long kTimerSlackNs = 5'000;  // what is held is due in tenths of a millisecond
  ::prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
  if (::setpriority(PRIO_PROCESS, 0, kNice) != 0) {  // on Linux 0 is this thread
    counters_.add(Counter::WithoutPriority);
  }
}

// How long the sockets were not looked at, sleep left out.
void Worker::count_lap() {
  const std::int64_t lap_ns = monotonic_ns() - now_ns_;
  counters_.add(Counter::Laps);
  if (lap_ns >= 2 * kMillisecond) {
    counters_.add(Counter::LapsOver2Ms);
    counters_.add(Counter::LapsOver10Ms, lap_ns >= 10 * kMillisecond ? 1 : 0);
    counters_.add(Counter::LapsOver50Ms, lap_ns >= 50 * kMillisecond ? 1 : 0);
  }
}

void Worker::run() {
  prepare_thread();
  std::int64_t next_tick_ns = now_ns_;
  while (!stop_.load(std::memory_order_relaxed)) {
    std::int64_t timeout_ns = idle_timeout_ns(next_tick_ns);
    const bool is_watched = timeout_ns != 0 && !links_.is_alone();
    if (is_watched) {
      doorbell_.begin_sleep();
      timeout_ns = links_.has_input() ? 0 : timeout_ns;
    }
    const Calls calls = wait(timeout_ns);
    if (is_watched) {
      doorbell_.end_sleep();
    }
    run_commands();
    if (calls.media || !links_.is_alone()) {
      receive_media();
    }
    if (control_pace_.is_due(now_ns_, calls.control)) {
      receive_control();
    }
    dataplane_.run_slice(now_ns_);
    if (now_ns_ >= next_tick_ns) {
      dataplane_.handle_time(now_ns_);
      next_tick_ns = now_ns_ + Dataplane::kTickNs;
    }
    links_.wake();
    flush_all();
    count_lap();
  }
}

std::int64_t Worker::idle_timeout_ns(std::int64_t next_tick_ns) const noexcept {
  if (!dataplane_.is_idle()) {
    return 0;
  }
  const std::int64_t tick_ns =
      dataplane_.has_transports() ? next_tick_ns + kTickPatienceNs : now_ns_ + kIdleTimeoutNs;
  const std::int64_t due_ns = std::min({tick_ns, dataplane_.next_due_ns(), control_pace_.due_ns()});
  return std::max<std::int64_t>(due_ns - now_ns_, 0);
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
  socket_->batch().commit(destination_, length, worker_.now_ns_, socket_->may_segment(destination_),
                          most_message_bytes_);
  most_message_bytes_ = EgressBatch::kMaxMessageBytes;
}

void Worker::SocketSink::limit_message(std::size_t bytes) noexcept {
  most_message_bytes_ = std::min(bytes, EgressBatch::kMaxMessageBytes);
}

bool Worker::SocketSink::has_room(const Path& path) {
  UdpSocket& socket = *worker_.sockets_[path.socket];
  if (!socket.is_blocked() && socket.batch().reserve().empty()) {
    socket.flush(worker_.now_ns_);
  }
  return !socket.is_blocked();
}

}  // namespace tandem
