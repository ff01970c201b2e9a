// Reads feedback; what was read without fault is written again and must read the same.
#include <algorithm>
#include <vector>

#include "require.hpp"
#include "sequence.hpp"
#include "transport_cc.hpp"

using namespace tandem;
using tandem::fuzzing::require;

namespace {

struct Reading {
  std::vector<TransportCcArrival> arrivals;
  std::int64_t first = 0;
  bool is_whole = false;
};

Reading read(Bytes control) {
  constexpr std::int64_t kTurns = 1 << 20;  // keeps extended numbers positive
  TransportCcIterator iterator(control);
  Reading reading{.arrivals = {}, .first = kTurns + iterator.header().base_sequence_number};
  std::int64_t sequence_number = reading.first;
  for (TransportCcStatus status; iterator.next(status); ++sequence_number) {
    require(status.sequence_number == static_cast<std::uint16_t>(sequence_number));
    if (status.is_received) {
      reading.arrivals.push_back({sequence_number, status.arrival_us});
    }
  }
  reading.is_whole = !iterator.is_malformed();
  return reading;
}

void write_and_read(const Reading& reading) {
  std::vector<std::uint8_t> out(1400);
  std::span<const TransportCcArrival> left(reading.arrivals);
  std::int64_t base = reading.first;
  while (!left.empty()) {
    ByteWriter writer(out);
    const std::size_t taken = write_transport_cc(writer, 1, 2, 3, base, left);
    require(writer.ok());
    if (taken == 0) {
      // Only a hole too wide or a delta too large for one packet excuses that; then the rest starts anew.
      require(left.front().sequence_number != base);
      base = left.front().sequence_number;
      continue;
    }
    constexpr std::size_t kHeadBytes = 12;
    const Reading again = read(Bytes(writer.written()).subspan(kHeadBytes));
    require(again.is_whole && again.arrivals.size() == taken);
    for (std::size_t i = 0; i < taken; ++i) {
      require(static_cast<std::uint16_t>(again.arrivals[i].sequence_number) ==
              static_cast<std::uint16_t>(left[i].sequence_number));
      require((again.arrivals[i].arrival_us - again.arrivals[0].arrival_us) ==
              (left[i].arrival_us - left[0].arrival_us));
    }
    base = left[taken - 1].sequence_number + 1;
    left = left.subspan(taken);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Reading reading = read({data, size});
  if (reading.is_whole) {
    write_and_read(reading);
  }
  return 0;
}
