// From a publisher's numbering to one subscriber's: sequence numbers, timestamps, VP8 picture ids.
//
// The numbering is a list of ranges; a range begins where packets were left out (their gap is closed) or
// where another source took over. A late packet takes the shifts of its own range, not of today's.
#pragma once

#include <cstdint>
#include <vector>

namespace tandem {

struct NumberShift {
  std::int64_t first = 0;       // the first published sequence number (extended) of the range
  std::int64_t sequence = 0;    // outgoing = published + this
  std::uint32_t timestamp = 0;  // the same, modulo 2^32
  std::uint16_t picture_id = 0;
  std::uint16_t frame_number = 0;  // of the dependency descriptor, as its template ids
  std::uint8_t tl0picidx = 0;
  std::uint8_t template_id = 0;
};

class SequenceMap {
 public:
  // Forgets everything: numbers from before belong to another source.
  void restart(const NumberShift& shift) noexcept;
  // From `first` on, outgoing sequence numbers are one less than they would have been, picture ids
  // `pictures` less.
  void close_gap_before(std::int64_t first, std::uint16_t pictures = 0) noexcept;
  // Null when `published` lies before the oldest range remembered.
  [[nodiscard]] const NumberShift* find(std::int64_t published) const noexcept;
  [[nodiscard]] const NumberShift& newest() const noexcept { return newest_; }
  [[nodiscard]] bool started() const noexcept { return is_started_; }

 private:
  static constexpr std::size_t kEarlier = 64;
  NumberShift newest_;
  bool is_started_ = false;
  std::size_t closed_ = 0;            // ranges before the newest, those forgotten too
  std::vector<NumberShift> earlier_;  // the last of them, round and round; memory is taken at the first
};

}  // namespace tandem
