// What the worker tells the control plane. Bounded: when the queue is full the newest events are lost and
// counted.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "address.hpp"
#include "counters.hpp"
#include "cursor.hpp"

namespace tandem {

enum class EventKind : std::uint8_t {
  Datagram = 1,
  Nominated = 2,
  Expired = 3,
  Bound = 4,
  AudioLevel = 5,
  Keyframe = 6,
  Bye = 7,
};

struct Event {
  EventKind kind = EventKind::Datagram;
  std::uint64_t id = 0;             // transport or track
  std::int64_t number = 0;          // SSRC, level
  Address address;                  // Nominated
  std::vector<std::uint8_t> bytes;  // Datagram
};

class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;
  // False: there was no room.
  virtual bool push(Event event) = 0;
};

// Of what is told elsewhere already.
class Silence final : public EventSink {
 public:
  bool push(Event) override { return true; }
};

// Filled by the worker's thread, emptied by the control plane's. `notifier` is an eventfd, signalled when the
// queue stops being empty.
class EventQueue final : public EventSink {
 public:
  EventQueue(std::size_t limit, Counters& counters);
  ~EventQueue() override;

  bool push(Event event) override;
  [[nodiscard]] std::vector<Event> take(std::size_t limit);
  [[nodiscard]] int notifier() const noexcept { return notifier_; }

 private:
  // Datagrams may fill at most this share, so that a flood of them hides no nomination.
  static constexpr std::size_t kDatagramShare = 4;

  std::size_t limit_;
  Counters& counters_;
  int notifier_;
  std::mutex mutex_;
  std::deque<Event> events_;
  std::size_t datagrams_ = 0;
};

}  // namespace tandem
