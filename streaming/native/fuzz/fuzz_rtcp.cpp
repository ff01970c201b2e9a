#include "require.hpp"
#include "rtcp.hpp"

using namespace tandem;
using tandem::fuzzing::require;

namespace {

void read_feedback(const Feedback& feedback) {
  std::size_t count = 0;
  NackIterator lost(feedback.control);
  for (std::uint16_t sequence_number = 0; lost.next(sequence_number);) {
    ++count;
  }
  require(count <= feedback.control.size() / 4 * 17);
  FirIterator entries(feedback.control);
  for (FirEntry entry; entries.next(entry);) {
    ++count;
  }
  if (const auto remb = parse_remb(feedback)) {
    require(remb->ssrcs.size() == remb->ssrc_count * std::size_t{4});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  RtcpIterator iterator({data, size});
  for (RtcpPacket packet; iterator.next(packet);) {
    require(packet.body.size() <= size);
    if (const auto report = parse_sender_report(packet)) {
      require(report->reports.count == packet.count_or_format);
    }
    if (const auto report = parse_receiver_report(packet)) {
      require(report->reports.count == packet.count_or_format);
    }
    if (const auto source = parse_source_description(packet)) {
      require(source->cname.size() <= packet.body.size());
    }
    if (const auto bye = parse_bye(packet)) {
      require(bye->count * 4 <= packet.body.size());
    }
    if (const auto feedback = parse_feedback(packet)) {
      read_feedback(*feedback);
    }
  }
  return 0;
}
