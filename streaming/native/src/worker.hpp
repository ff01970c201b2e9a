// SHELL: one thread, one epoll, the sockets and the clock around a Dataplane.
//
// Commands come in by a bounded queue and an eventfd, events go out by an EventSink; nothing else is shared
// with other threads but the counters and, where there are several workers, the rings between them. What a
// queue does when it is full: commands make the caller wait, events are lost and counted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control_pace.hpp"
#include "crypto_backend.hpp"
#include "dataplane.hpp"
#include "doorbell.hpp"
#include "udp_socket.hpp"
#include "worker_links.hpp"

namespace tandem {

// The server's NTP clock when CLOCK_MONOTONIC was zero.
[[nodiscard]] NtpTime ntp_at_monotonic_zero() noexcept;

class Worker {
 public:
  using Command = std::function<void(Dataplane&, std::int64_t now_ns)>;

  // Throws std::system_error when an address cannot be bound. `events` takes events on the worker's thread.
  Worker(const std::vector<Address>& addresses, EventSink& events,
         UdpSocket::Port port = UdpSocket::Port::Opened, NtpTime ntp_at_zero = ntp_at_monotonic_zero(),
         std::unique_ptr<CryptoBackend> crypto = choose_crypto_backend().backend);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] std::vector<Address> addresses() const;
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  // Who encrypts: CryptoBackend::name.
  [[nodiscard]] std::string crypto_name() const { return crypto_->name(); }

  // -- Before start() --
  [[nodiscard]] Doorbell& doorbell() noexcept { return doorbell_; }
  // To the other workers of its group, all of which have their sockets by now.
  void connect(std::vector<WorkerLinks::Link> links);
  // Throws std::system_error when the thread cannot be started.
  void start();

  // Runs on the worker's thread, in order. False after close().
  bool post(Command command);
  // The same, and waits for the result; a default value after close().
  template <typename Result>
  Result ask(std::function<Result(Dataplane&, std::int64_t)> question) {
    auto answer = std::make_shared<std::promise<Result>>();
    std::future<Result> future = answer->get_future();
    const bool posted =
        post([answer, question = std::move(question)](Dataplane& dataplane, std::int64_t now_ns) {
          answer->set_value(question(dataplane, now_ns));
        });
    return posted ? future.get() : Result{};
  }
  // Stops and joins the thread; idempotent.
  void close();

 private:
  static constexpr std::size_t kMaxCommands = 16'384;
  // Against the threads that make people's handshakes and answer their requests when all of them come at
  // once.
  static constexpr int kNice = -10;

  // Routes datagrams to the batch of the socket that their path names.
  class SocketSink final : public DatagramSink {
   public:
    explicit SocketSink(Worker& worker) noexcept : worker_(worker) {}
    MutableBytes reserve(const Path& path) override;
    void commit(std::size_t length) override;
    void limit_message(std::size_t bytes) noexcept override;
    [[nodiscard]] bool has_room(const Path& path) override;
    SealBatch* seal_batch() noexcept override { return worker_.seals_.get(); }

   private:
    Worker& worker_;
    UdpSocket* socket_ = nullptr;
    Address destination_;
    std::size_t most_message_bytes_ = EgressBatch::kMaxMessageBytes;  // with the next commit
  };

  void run();
  void prepare_thread();
  void count_lap();
  // Who has called: both, in the middle of a fan-out, where the sockets are asked themselves.
  struct Calls {
    bool media = false;
    bool control = false;
  };
  Calls wait(std::int64_t timeout_ns);
  void run_commands();
  void receive_media();
  void receive_control();
  // Returns how many datagrams there were.
  std::size_t receive(UdpReceiver& receiver, std::size_t index);
  void arm_control(bool is_armed);
  void take_handovers();
  [[nodiscard]] std::int64_t idle_timeout_ns(std::int64_t next_tick_ns) const noexcept;
  void flush_all();
  void watch_blocked(std::size_t index);

  Counters counters_;
  std::unique_ptr<CryptoBackend> crypto_;
  std::unique_ptr<SealBatch> seals_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  std::vector<bool> watches_writable_;
  // On the same addresses, for what is no media; nothing is sent from there.
  std::vector<std::unique_ptr<UdpReceiver>> control_sockets_;
  ControlPace control_pace_;
  bool is_steered_ = false;
  SocketSink sink_;
  WorkerLinks links_;
  Dataplane dataplane_;
  int epoll_ = -1;
  Doorbell doorbell_;
  std::int64_t now_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::deque<Command> commands_;
  std::atomic<bool> has_commands_{false};
  bool closing_ = false;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tandem
