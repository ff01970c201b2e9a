#include "transport_cc.hpp"

#include <algorithm>
#include <limits>

namespace tandem {

namespace {

// Packet status symbols (section 3.1.1).
constexpr std::uint8_t kNotReceived = 0;
constexpr std::uint8_t kSmallDelta = 1;  // one byte, 0 .. 255 ticks
constexpr std::uint8_t kLargeDelta = 2;  // two bytes, signed
constexpr std::uint8_t kReserved = 3;

constexpr std::uint16_t kVectorBit = 0x8000;
constexpr std::uint16_t kTwoBitSymbols = 0x4000;
constexpr unsigned kRunSymbolShift = 13;
constexpr std::int64_t kMaxRun = 0x1FFF;
constexpr std::int64_t kOneBitPerChunk = 14;
constexpr std::int64_t kTwoBitPerChunk = 7;
constexpr std::int64_t kMaxLeadingHole = 8192;
constexpr std::int64_t kMaxStatuses = 32767;
constexpr std::int64_t kTicksPerReference = kTransportCcReferenceUs / kTransportCcDeltaUs;
constexpr std::size_t kRtcpHeaderBytes = 4;
constexpr std::size_t kFixedBytes = kRtcpHeaderBytes + 8 + 8;  // RTCP header, two SSRCs, feedback header
constexpr std::size_t kWordBytes = 4;

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept {
  return (value / by) - ((value % by) < 0 ? 1 : 0);
}

// The statuses of one feedback packet as a sequence that can be read again from any place.
class StatusSource {
 public:
  StatusSource(std::int64_t base, std::span<const TransportCcArrival> arrivals) noexcept
      : base_(base), arrivals_(arrivals), reference_(floor_divide(tick(0), kTicksPerReference)) {}

  // Where in the sequence: status number and the first arrival at or behind it.
  struct Position {
    std::int64_t status = 0;
    std::size_t arrival = 0;
  };

  [[nodiscard]] std::int64_t reference() const noexcept { return reference_; }
  [[nodiscard]] std::int64_t count() const noexcept {
    return arrivals_.empty() ? 0 : arrivals_.back().sequence_number - base_ + 1;
  }
  [[nodiscard]] std::int64_t delta(std::size_t arrival) const noexcept {
    return tick(arrival) - (arrival == 0 ? reference_ * kTicksPerReference : tick(arrival - 1));
  }
  [[nodiscard]] std::uint8_t symbol(const Position& at) const noexcept {
    if (arrivals_[at.arrival].sequence_number != base_ + at.status) {
      return kNotReceived;
    }
    return is_small(delta(at.arrival)) ? kSmallDelta : kLargeDelta;
  }
  // How many statuses from `at` on are the same, told without walking a hole one by one.
  [[nodiscard]] std::int64_t hole(const Position& at) const noexcept {
    return arrivals_[at.arrival].sequence_number - base_ - at.status;
  }
  void advance(Position& at) const noexcept {
    at.arrival += symbol(at) == kNotReceived ? 0 : 1;
    ++at.status;
  }
  // How many of the arrivals can be told at all: rising sequence numbers, deltas of 16 bits, a bounded count.
  [[nodiscard]] std::size_t tellable() const noexcept {
    std::size_t n = 0;
    for (; n < arrivals_.size(); ++n) {
      const std::int64_t status = arrivals_[n].sequence_number - base_;
      const bool rises = n == 0 || arrivals_[n].sequence_number > arrivals_[n - 1].sequence_number;
      const std::int64_t ticks = delta(n);
      if (!rises || status >= kMaxStatuses || ticks < std::numeric_limits<std::int16_t>::min() ||
          ticks > std::numeric_limits<std::int16_t>::max()) {
        break;
      }
    }
    return n;
  }
  [[nodiscard]] StatusSource first(std::size_t n) const noexcept { return {base_, arrivals_.first(n)}; }
  [[nodiscard]] std::size_t size() const noexcept { return arrivals_.size(); }
  [[nodiscard]] static bool is_small(std::int64_t ticks) noexcept {
    return ticks >= 0 && ticks <= std::numeric_limits<std::uint8_t>::max();
  }

 private:
  [[nodiscard]] std::int64_t tick(std::size_t arrival) const noexcept {
    return arrivals_.empty() ? 0 : floor_divide(arrivals_[arrival].arrival_us, kTransportCcDeltaUs);
  }

  std::int64_t base_;
  std::span<const TransportCcArrival> arrivals_;
  std::int64_t reference_;
};

std::int64_t run_length(const StatusSource& source, StatusSource::Position at) noexcept {
  const std::uint8_t symbol = source.symbol(at);
  if (symbol == kNotReceived) {
    return std::min(source.hole(at), kMaxRun);
  }
  std::int64_t run = 0;
  while (at.status < source.count() && run < kMaxRun && source.symbol(at) == symbol) {
    source.advance(at);
    ++run;
  }
  return run;
}

// Takes up to `limit` symbols of `bits` each into one vector chunk; stops before a symbol that needs more
// bits.
struct VectorChunk {
  std::uint16_t symbols = 0;
  std::int64_t count = 0;
};
VectorChunk vector_chunk(const StatusSource& source, StatusSource::Position at, unsigned bits,
                         std::int64_t limit) noexcept {
  VectorChunk chunk;
  while (chunk.count < limit && at.status < source.count()) {
    const std::uint8_t symbol = source.symbol(at);
    if (symbol >= (1U << bits)) {
      break;
    }
    ++chunk.count;
    const auto shift = static_cast<unsigned>(limit - chunk.count) * bits;
    chunk.symbols = static_cast<std::uint16_t>(chunk.symbols | (unsigned{symbol} << shift));
    source.advance(at);
  }
  return chunk;
}

// The next chunk and how many statuses it covers: a run where that covers more than a vector would.
std::uint16_t next_chunk(const StatusSource& source, const StatusSource::Position& at,
                         std::int64_t& covered) noexcept {
  const std::int64_t left = source.count() - at.status;
  const std::int64_t run = run_length(source, at);
  const VectorChunk one_bit = vector_chunk(source, at, 1, kOneBitPerChunk);
  const bool one_bit_is_whole = one_bit.count == std::min(left, kOneBitPerChunk);
  const std::int64_t vector_covers = one_bit_is_whole ? one_bit.count : std::min(left, kTwoBitPerChunk);
  if (run >= vector_covers) {
    covered = run;
    return static_cast<std::uint16_t>((unsigned{source.symbol(at)} << kRunSymbolShift) |
                                      static_cast<unsigned>(run));
  }
  covered = vector_covers;
  if (one_bit_is_whole) {
    return kVectorBit | one_bit.symbols;
  }
  return kVectorBit | kTwoBitSymbols | vector_chunk(source, at, 2, kTwoBitPerChunk).symbols;
}

void skip_statuses(const StatusSource& source, StatusSource::Position& at, std::int64_t count) noexcept {
  const std::int64_t end = at.status + count;
  while (at.status < end) {
    const std::int64_t hole = std::min(source.hole(at), end - at.status);
    if (hole > 0) {
      at.status += hole;
    } else {
      source.advance(at);
    }
  }
}

std::size_t serialized_bytes(const StatusSource& source) noexcept {
  std::size_t bytes = kFixedBytes;
  StatusSource::Position at;
  while (at.status < source.count()) {
    std::int64_t covered = 0;
    static_cast<void>(next_chunk(source, at, covered));
    bytes += 2;
    skip_statuses(source, at, covered);
  }
  for (std::size_t i = 0; i < source.size(); ++i) {
    bytes += StatusSource::is_small(source.delta(i)) ? 1 : 2;
  }
  return (bytes + kWordBytes - 1) / kWordBytes * kWordBytes;
}

// The most arrivals that fit `room` bytes; halving errs on the small side, the caller sends the rest next.
std::size_t fitting(const StatusSource& source, std::size_t room) noexcept {
  std::size_t n = source.tellable();
  while (n != 0 && serialized_bytes(source.first(n)) > room) {
    n /= 2;
  }
  return n;
}

void write_statuses(ByteWriter& out, const StatusSource& source) noexcept {
  StatusSource::Position at;
  while (at.status < source.count()) {
    std::int64_t covered = 0;
    out.u16(next_chunk(source, at, covered));
    skip_statuses(source, at, covered);
  }
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::int64_t ticks = source.delta(i);
    if (StatusSource::is_small(ticks)) {
      out.u8(static_cast<std::uint8_t>(ticks));
    } else {
      out.u16(static_cast<std::uint16_t>(static_cast<std::int16_t>(ticks)));
    }
  }
}

}  // namespace

std::size_t write_transport_cc(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                               std::uint8_t feedback_count, std::int64_t base_sequence_number,
                               std::span<const TransportCcArrival> arrivals) noexcept {
  if (arrivals.empty()) {
    return 0;
  }
  const std::int64_t first = arrivals.front().sequence_number;
  const std::int64_t base = std::clamp(base_sequence_number, first - kMaxLeadingHole, first);
  const StatusSource all(base, arrivals);
  const std::size_t taken = fitting(all, out.remaining());
  if (taken == 0) {
    return 0;
  }
  const StatusSource source = all.first(taken);
  const std::size_t total = serialized_bytes(source);
  const std::size_t start = out.position();
  out.u8(0x80U | kFormatTransportCc);
  out.u8(static_cast<std::uint8_t>(RtcpType::TransportFeedback));
  out.u16(static_cast<std::uint16_t>((total - kRtcpHeaderBytes) / kWordBytes));
  out.u32(sender_ssrc);
  out.u32(media_ssrc);
  out.u16(static_cast<std::uint16_t>(base));
  out.u16(static_cast<std::uint16_t>(source.count()));
  out.u24(static_cast<std::uint32_t>(source.reference()) & 0xFFFFFFU);
  out.u8(feedback_count);
  write_statuses(out, source);
  out.zeros(start + total - out.position());
  return out.ok() ? taken : 0;
}

TransportCcIterator::TransportCcIterator(Bytes control) noexcept : chunks_(control), deltas_(Bytes{}) {
  constexpr std::uint32_t kReferenceSign = 0x800000;
  header_.base_sequence_number = chunks_.u16();
  header_.status_count = chunks_.u16();
  header_.reference_time = chunks_.u24();
  header_.feedback_count = chunks_.u8();
  // The reference time is signed (section 3.1).
  const std::int64_t reference =
      std::int64_t{header_.reference_time} -
      ((header_.reference_time & kReferenceSign) != 0 ? 2 * std::int64_t{kReferenceSign} : 0);
  arrival_us_ = reference * kTransportCcReferenceUs;
  // The deltas begin behind the last chunk, so the chunks are walked twice.
  ByteReader ahead = chunks_;
  std::int64_t covered = 0;
  while (ahead.ok() && covered < header_.status_count) {
    const std::uint16_t chunk = ahead.u16();
    const bool is_vector = (chunk & kVectorBit) != 0;
    const std::int64_t vector_symbols = (chunk & kTwoBitSymbols) != 0 ? kTwoBitPerChunk : kOneBitPerChunk;
    const std::int64_t symbols = is_vector ? vector_symbols : chunk & kMaxRun;
    if (symbols == 0) {
      ahead.fail();  // a run of nothing tells nothing
    }
    covered += symbols;
  }
  malformed_ = !ahead.ok();
  deltas_ = ByteReader(ahead.rest());
}

bool TransportCcIterator::next_symbol(std::uint8_t& symbol) noexcept {
  if (chunk_left_ == 0) {
    chunk_ = chunks_.u16();
    if ((chunk_ & kVectorBit) == 0) {
      chunk_left_ = chunk_ & kMaxRun;
    } else {
      const bool is_two_bit = (chunk_ & kTwoBitSymbols) != 0;
      chunk_left_ = static_cast<std::uint16_t>(is_two_bit ? kTwoBitPerChunk : kOneBitPerChunk);
    }
  }
  --chunk_left_;
  unsigned bits = 0;
  if ((chunk_ & kVectorBit) == 0) {
    bits = unsigned{chunk_} >> kRunSymbolShift;
  } else if ((chunk_ & kTwoBitSymbols) != 0) {
    bits = (unsigned{chunk_} >> (chunk_left_ * 2U)) & 3U;
  } else {
    bits = (unsigned{chunk_} >> chunk_left_) & 1U;
  }
  symbol = static_cast<std::uint8_t>(bits);
  return chunks_.ok() && symbol != kReserved;
}

bool TransportCcIterator::next(TransportCcStatus& status) noexcept {
  if (malformed_ || reported_ == header_.status_count) {
    return false;
  }
  std::uint8_t symbol = kNotReceived;
  if (!next_symbol(symbol)) {
    malformed_ = true;
    return false;
  }
  status.sequence_number = static_cast<std::uint16_t>(header_.base_sequence_number + reported_);
  status.is_received = symbol != kNotReceived;
  std::int64_t ticks = 0;
  if (symbol == kSmallDelta) {
    ticks = deltas_.u8();
  } else if (symbol == kLargeDelta) {
    ticks = static_cast<std::int16_t>(deltas_.u16());
  }
  arrival_us_ += ticks * kTransportCcDeltaUs;
  status.arrival_us = arrival_us_;
  malformed_ = !deltas_.ok();
  ++reported_;
  return !malformed_;
}

}  // namespace tandem
