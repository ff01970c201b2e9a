// Probes: what goes out to a subscriber with a limit is raised by padding, in virtual time.
#include <doctest/doctest.h>

#include <set>

#include "paced_lesson.hpp"
#include "pacer.hpp"

namespace tandem::test {

TEST_CASE("checklist 33: a probe is padding under the RTX SSRC, spread over its time") {
  constexpr std::int64_t kProbeRate = 4'000'000;
  PacedLesson paced(kRate);
  paced.frame(2, true);
  paced.advance(kSecond);
  const std::size_t before = paced.bytes_out();
  const std::int64_t begun_ns = paced.lesson.now_ns;
  paced.lesson.dataplane.probe(2, kProbeRate, 100 * kMillisecond, begun_ns);
  paced.advance(kSecond);
  const std::vector<const Opened*> padding = paced.lesson.subscriber.of(kOutRtxSsrc);
  REQUIRE(padding.size() > 100);
  CHECK(paced.lesson.count(Counter::OutProbe) == padding.size());
  for (const Opened* packet : padding) {
    CHECK(packet->view.payload.empty());
    CHECK(packet->view.payload_type == 121);
  }
  // Within a tenth of what was asked for; no message of all of it.
  const std::size_t wanted = kProbeRate / 8 / 10;
  const std::size_t sent = paced.bytes_out() - before;
  CHECK(sent > wanted * 9 / 10);
  CHECK(sent < wanted * 11 / 10 + kPacketBytes);
  std::set<std::int64_t> moments;
  for (const Departure& one : paced.departures) {
    if (one.at_ns >= begun_ns && !one.is_rtcp) {
      moments.insert(one.at_ns - begun_ns);
    }
  }
  CHECK(moments.size() >= 15);
  CHECK(*moments.rbegin() <= 105 * kMillisecond);
  CHECK(paced.lesson.dataplane.next_due_ns() > paced.lesson.now_ns + kSecond);
  const std::vector<std::uint16_t> numbers = transport_cc_numbers(paced.lesson);
  CHECK(std::set<std::uint16_t>(numbers.begin(), numbers.end()).size() == numbers.size());
}

TEST_CASE("media within a probe takes the place of padding, and does not wait") {
  PacedLesson paced(kRate);
  paced.frame(2, true);
  paced.advance(kSecond);
  paced.lesson.dataplane.probe(2, 4'000'000, 100 * kMillisecond, paced.lesson.now_ns);
  paced.advance(10 * kMillisecond);
  const std::size_t got = paced.lesson.got().size();
  paced.frame(8);
  CHECK(paced.lesson.got().size() == got + 8);
  paced.advance(kSecond);
  CHECK(paced.most_within(100 * kMillisecond) <= allowed(100 * kMillisecond, 4'000'000));
}

TEST_CASE("who has no limit, or no RTX, gets no probe") {
  PacedLesson unlimited(0);
  unlimited.frame(2, true);
  unlimited.lesson.dataplane.probe(2, 4'000'000, 100 * kMillisecond, unlimited.lesson.now_ns);
  unlimited.advance(kSecond);
  PacedLesson without_rtx(kRate, false);
  without_rtx.frame(2, true);
  without_rtx.lesson.dataplane.probe(2, 4'000'000, 100 * kMillisecond, without_rtx.lesson.now_ns);
  without_rtx.advance(kSecond);
  CHECK(unlimited.lesson.count(Counter::OutProbe) == 0);
  CHECK(without_rtx.lesson.count(Counter::OutProbe) == 0);
  CHECK(without_rtx.lesson.dataplane.next_due_ns() > without_rtx.lesson.now_ns + kSecond);
}

TEST_CASE("a probe without RTX leaves the limit as it is") {
  PacedLesson paced(kRate, false);
  paced.frame(2, true);
  paced.advance(kSecond);
  paced.lesson.dataplane.probe(2, 20'000'000, kSecond, paced.lesson.now_ns);
  paced.frame(60);
  CHECK(paced.lesson.got().size() < 14);
  CHECK(paced.most_within(10 * kMillisecond) <= allowed(10 * kMillisecond));
}

TEST_CASE("a probe that is no faster than the limit is none") {
  PacedLesson paced(kRate);
  paced.frame(2, true);
  paced.advance(kSecond);
  paced.lesson.dataplane.probe(2, kRate, 100 * kMillisecond, paced.lesson.now_ns);
  paced.advance(200 * kMillisecond);
  CHECK(paced.lesson.count(Counter::OutProbe) == 0);
  // Nor one that the limit has caught up with; and then the limit holds.
  paced.lesson.dataplane.probe(2, 2 * kRate, kSecond, paced.lesson.now_ns);
  paced.advance(20 * kMillisecond);
  const std::uint64_t padding = paced.lesson.count(Counter::OutProbe);
  CHECK(padding > 0);
  paced.lesson.dataplane.set_pacing(2, 4 * kRate, paced.lesson.now_ns);
  paced.advance(200 * kMillisecond);
  CHECK(paced.lesson.count(Counter::OutProbe) == padding);
  paced.frame(34);  // 40 ms of four times the rate
  CHECK(paced.lesson.got().size() == 36);
}

TEST_CASE("a step of a fast probe goes out in slices") {
  PacedLesson paced(kRate);
  paced.frame(2, true);
  paced.advance(kSecond);
  VirtualLesson& lesson = paced.lesson;
  lesson.dataplane.probe(2, Pacer::kMostProbeBitsPerS * 10, 5 * kMillisecond, lesson.now_ns);
  const std::size_t before = lesson.sink.sent.size();
  lesson.dataplane.run_slice(lesson.now_ns);
  CHECK(lesson.sink.sent.size() - before <= Pacer::kSlicePackets);
  CHECK(lesson.dataplane.next_due_ns() > lesson.now_ns);
}

}  // namespace tandem::test
