// Pacing of a subscriber with a limit, in virtual time.
#include <doctest/doctest.h>

#include <span>

#include "paced_lesson.hpp"
#include "pacer.hpp"

namespace tandem::test {

TEST_CASE("checklist 34: a keyframe to a limited seat is spread over the time its rate takes") {
  PacedLesson paced(kRate);
  paced.frame(60, true);
  CHECK(paced.lesson.got().size() < 12);  // 40 ms of 2 Mbit/s are 10,000 bytes
  paced.advance(kSecond);
  CHECK(paced.lesson.got().size() == 60);
  CHECK(paced.is_contiguous());
  for (const std::int64_t window_ns : {kMillisecond, 10 * kMillisecond, 100 * kMillisecond}) {
    CHECK(paced.most_within(window_ns) <= allowed(window_ns));
  }
  // 60 packets of some 1,140 bytes take 0.27 s, of which 40 ms went at once.
  const std::int64_t took_ns = paced.departures.back().at_ns - paced.departures.front().at_ns;
  CHECK(paced.most_within(300 * kMillisecond) >= 60 * PacedLesson::kPayloadBytes);
  CHECK(took_ns > 200 * kMillisecond);
  CHECK(paced.lesson.count(Counter::OutRtp) == paced.published);
  const std::vector<std::uint16_t> numbers = transport_cc_numbers(paced.lesson);
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    CHECK(numbers[i] == static_cast<std::uint16_t>(numbers[i - 1] + 1));
  }
}

TEST_CASE("checklist 34: a message to a limited seat holds at most 5 ms of its rate") {
  PacedLesson paced(20'000'000);
  const std::size_t before = paced.lesson.sink.sent.size();
  paced.frame(60, true);
  paced.voice();
  paced.advance(kSecond);
  std::size_t limited = 0;
  for (const Sent& sent : std::span(paced.lesson.sink.sent).subspan(before)) {
    if (sent.path == paced.lesson.subscriber.path && classify_datagram(sent.bytes) != DatagramKind::Stun) {
      CHECK(sent.most_message_bytes == 12'500);  // voice and reports too
      ++limited;
    }
  }
  CHECK(limited > 60);
}

TEST_CASE("an ordinary frame passes at once, and nobody without a limit is paced") {
  PacedLesson paced(kRate);
  paced.frame(5, true);
  CHECK(paced.lesson.got().size() == 5);
  PacedLesson unlimited(0);
  unlimited.frame(60, true);
  CHECK(unlimited.lesson.got().size() == 60);
  CHECK(unlimited.lesson.sink.sent.back().most_message_bytes > 60'000);
  CHECK(unlimited.lesson.dataplane.next_due_ns() > unlimited.lesson.now_ns + kSecond);
}

TEST_CASE("voice and reports never wait, and what they took is owed") {
  PacedLesson paced(kRate);
  paced.frame(60, true);
  for (int i = 0; i < 10; ++i) {
    const std::size_t before = paced.lesson.subscriber.of(PacedLesson::kVoiceOutSsrc).size();
    paced.voice();
    CHECK(paced.lesson.subscriber.of(PacedLesson::kVoiceOutSsrc).size() == before + 1);
    paced.advance(20 * kMillisecond);
  }
  CHECK(paced.lesson.got().size() < 60);
  paced.advance(kSecond);
  CHECK_FALSE(VirtualLesson::reports(paced.lesson.subscriber, RtcpType::SenderReport).empty());
  // Voice is within the rate, as all else.
  CHECK(paced.most_within(200 * kMillisecond) <= allowed(200 * kMillisecond) + 200);
  CHECK(paced.lesson.got().size() == 60);
}

TEST_CASE("a repair waits for its turn, ahead of the pictures, and is owed") {
  PacedLesson paced(kRate);
  paced.frame(5, true);
  paced.advance(kSecond);
  const auto first = static_cast<std::int64_t>(paced.lesson.subscriber.of(kOutSsrc)[0]->index);
  paced.frame(40);
  paced.nack(first);
  CHECK(paced.lesson.count(Counter::OutRtx) == 0);
  const std::size_t before = paced.lesson.got().size();
  paced.advance(10 * kMillisecond);  // at 40 ms of debt and a packet: a step is due within 10
  CHECK(paced.lesson.count(Counter::OutRtx) == 1);
  CHECK(paced.lesson.got().size() <= before + 1);
  paced.advance(kSecond);
  CHECK(paced.lesson.got().size() == 45);
  CHECK(paced.most_within(10 * kMillisecond) <= allowed(10 * kMillisecond));
}

TEST_CASE("what is asked for again while its repair waits is not queued twice") {
  PacedLesson paced(50'000);  // a packet takes 0.2 s
  paced.frame(2, true);
  paced.advance(kSecond);
  const auto first = static_cast<std::int64_t>(paced.lesson.subscriber.of(kOutSsrc)[0]->index);
  paced.frame(1);
  for (int i = 0; i < 3; ++i) {  // each later than a resend is held back for
    paced.nack(first);
    paced.advance(22 * kMillisecond);
  }
  CHECK(paced.lesson.count(Counter::OutRtx) == 0);
  CHECK(paced.lesson.count(Counter::NackSuppressed) == 2);
  while (paced.lesson.count(Counter::OutRtx) == 0) {
    paced.advance(kMillisecond);
  }
  paced.nack(first);  // it is on its way: that counts from when it went
  CHECK(paced.lesson.count(Counter::NackSuppressed) == 3);
  paced.advance(2 * kSecond);
  CHECK(paced.lesson.count(Counter::OutRtx) == 1);
  paced.nack(first);
  paced.advance(kSecond);
  CHECK(paced.lesson.count(Counter::OutRtx) == 2);
}

TEST_CASE("a limit that is lifted lets all that waits go at once, in slices") {
  PacedLesson paced(100'000);
  paced.frame(2, true);
  paced.advance(kSecond);
  const auto first = static_cast<std::int64_t>(paced.lesson.subscriber.of(kOutSsrc)[0]->index);
  paced.frame(600);
  paced.nack(first);
  VirtualLesson& lesson = paced.lesson;
  CHECK(lesson.got().size() < 10);
  lesson.dataplane.set_pacing(2, 0, lesson.now_ns);
  CHECK(lesson.dataplane.transport_figures(2, lesson.now_ns).at("pacing_bps") == 0);
  std::size_t sent = lesson.sink.sent.size();
  std::size_t slices = 0;
  while (lesson.dataplane.next_due_ns() <= lesson.now_ns) {
    lesson.dataplane.run_slice(lesson.now_ns);
    CHECK(lesson.sink.sent.size() - sent <= Pacer::kSlicePackets);
    sent = lesson.sink.sent.size();
    ++slices;
  }
  paced.advance(kMillisecond);
  CHECK(slices >= 3);
  CHECK(lesson.got().size() == 602);
  CHECK(lesson.count(Counter::OutRtx) == 1);
  CHECK(paced.is_contiguous());
  CHECK(lesson.dataplane.next_due_ns() > lesson.now_ns + kSecond);
  paced.frame(60);
  CHECK(lesson.got().size() == 662);
}

TEST_CASE("a limit that comes back while what waited goes out holds again") {
  PacedLesson paced(100'000);
  paced.frame(500, true);
  VirtualLesson& lesson = paced.lesson;
  lesson.dataplane.set_pacing(2, 0, lesson.now_ns);
  lesson.dataplane.run_slice(lesson.now_ns);
  lesson.dataplane.set_pacing(2, kRate, lesson.now_ns);
  paced.advance(20 * kMillisecond);
  const std::size_t got = lesson.got().size();
  CHECK(got >= Pacer::kSlicePackets);
  CHECK(got < Pacer::kSlicePackets + 40);
  paced.advance(2 * kSecond);
  CHECK(lesson.got().size() == 500);
}

TEST_CASE("while the socket is blocked, what can wait does") {
  PacedLesson paced(kRate);
  paced.frame(5, true);
  paced.advance(kSecond);
  VirtualLesson& lesson = paced.lesson;
  const auto first = static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index);
  lesson.sink.is_blocked = true;
  paced.frame(8);
  paced.nack(first);
  paced.advance(100 * kMillisecond);
  CHECK(lesson.got().size() == 5);
  CHECK(lesson.dataplane.next_due_ns() > lesson.now_ns);
  CHECK(lesson.dataplane.subscription_figures(1).at("waiting_packets") == 8);
  lesson.sink.is_blocked = false;
  paced.advance(100 * kMillisecond);
  CHECK(lesson.got().size() == 13);
  CHECK(lesson.count(Counter::OutRtx) == 1);
  CHECK(paced.is_contiguous());
}

TEST_CASE("repairs that wait are bounded") {
  PacedLesson paced(50'000);
  paced.frame(200, true);
  paced.lesson.dataplane.set_pacing(2, 0, paced.lesson.now_ns);
  paced.advance(kMillisecond);
  CHECK(paced.lesson.got().size() == 200);
  paced.lesson.dataplane.set_pacing(2, 50'000, paced.lesson.now_ns);
  paced.frame(1);
  const auto first = static_cast<std::int64_t>(paced.lesson.subscriber.of(kOutSsrc)[0]->index);
  for (std::int64_t i = 0; i < 200; ++i) {
    paced.nack(first + i);
  }
  const std::uint64_t sent = paced.lesson.count(Counter::OutRtx);
  CHECK(sent < 3);
  CHECK(paced.lesson.count(Counter::NackOverBudget) == 200 - Pacing::kMaxRepairs - sent);
}

TEST_CASE("a seat that falls behind gets whole frames again from the next keyframe, which is asked for") {
  PacedLesson paced(500'000);
  paced.frame(5, true);
  paced.play(3 * kSecond, 6);  // 1.3 Mbit/s
  VirtualLesson& lesson = paced.lesson;
  CHECK(lesson.count(Counter::EgressDropPaced) > 0);
  CHECK(paced.keyframe_requests() >= 1);
  const std::size_t before = lesson.got().size();
  paced.advance(2 * kSecond);
  CHECK(lesson.got().size() == before);
  paced.frame(3, true);
  paced.advance(kSecond);
  const std::vector<const Opened*> got = lesson.subscriber.of(kOutSsrc);
  CHECK(got.size() == before + 3);
  CHECK(paced.is_contiguous());
  // Nothing was cut within a frame, but for the one in which it began.
  std::size_t cut = 0;
  for (std::size_t i = 1; i < got.size(); ++i) {
    const bool begins = got[i]->view.timestamp != got[i - 1]->view.timestamp;
    cut += begins && !got[i - 1]->view.marker ? 1 : 0;
    CHECK(serial_distance(got[i - 1]->view.timestamp, got[i]->view.timestamp) >= 0);
  }
  CHECK(cut == 0);
  CHECK(paced.published == lesson.count(Counter::OutRtp) + lesson.count(Counter::EgressDropPaced) +
                               lesson.count(Counter::EgressDropWaitingKeyframe));
}

TEST_CASE("a keyframe among what waits is where a seat that is behind goes on, and none is asked for") {
  PacedLesson paced(500'000);
  paced.frame(5, true);
  paced.play(900 * kMillisecond, 6);
  const std::uint64_t asked = paced.keyframe_requests();
  paced.frame(4, true);
  paced.play(kSecond, 1);
  CHECK(paced.lesson.count(Counter::EgressDropPaced) > 0);
  CHECK(paced.keyframe_requests() == asked);
  paced.advance(2 * kSecond);
  CHECK(paced.is_contiguous());
  CHECK(paced.published ==
        paced.lesson.count(Counter::OutRtp) + paced.lesson.count(Counter::EgressDropPaced));
}

TEST_CASE("a frame that has begun is sent to its end, however long that takes") {
  PacedLesson paced(100'000);
  paced.frame(60, true);  // 5 s
  paced.advance(8 * kSecond);
  CHECK(paced.lesson.got().size() == 60);
  CHECK(paced.lesson.count(Counter::EgressDropPaced) == 0);
}

TEST_CASE("what waits is bounded in packets, also within a frame") {
  PacedLesson paced(50'000);
  paced.frame(1'100, true);
  CHECK(paced.lesson.count(Counter::EgressDropPaced) > 0);
  CHECK(paced.lesson.dataplane.subscription_figures(1).at("waiting_packets") <=
        static_cast<std::int64_t>(Pacing::kMaxWaitingPackets));
  CHECK(paced.lesson.count(Counter::EgressDropOverrun) == 0);
}

TEST_CASE("a seat that is behind for good asks for a keyframe every four seconds, no more often") {
  PacedLesson paced(200'000);
  paced.frame(3, true);
  std::uint64_t asked = paced.keyframe_requests();
  for (int second = 0; second < 20; ++second) {
    paced.play(kSecond, 4);
    if (paced.keyframe_requests() != asked) {
      asked = paced.keyframe_requests();
      paced.frame(3, true);  // as a publisher answers
    }
  }
  CHECK(asked >= 3);
  CHECK(asked <= 7);
}

TEST_CASE("a seat that falls behind again and again asks for a keyframe every four seconds all the same") {
  PacedLesson paced(300'000);
  paced.frame(3, true);
  const std::uint64_t before = paced.keyframe_requests();
  for (int round = 0; round < 9; ++round) {  // 22 s; others ask for keyframes too
    paced.play(2'400 * kMillisecond, 4);
    paced.frame(2, true);
  }
  const std::uint64_t asked = paced.keyframe_requests() - before;
  CHECK(asked >= 4);
  CHECK(asked <= 6);
}

TEST_CASE("a switch asks for its keyframe again and again, however patient the seat is") {
  PacedLesson paced(300'000);
  paced.lesson.set_other_picture();
  paced.frame(3, true);
  paced.play(3 * kSecond, 4);  // behind, and asks
  paced.frame(3, true);
  paced.play(1'800 * kMillisecond, 4);  // behind again, and patient
  paced.frame(3, true);                 // on again
  paced.advance(500 * kMillisecond);
  paced.lesson.subscribe(kOtherPicture);
  const std::uint64_t asked = paced.keyframe_requests();
  for (int i = 0; i < 14; ++i) {
    paced.frame(1, false, kOtherSsrc);
    paced.advance(100 * kMillisecond);
  }
  CHECK(paced.keyframe_requests() > asked);
}

TEST_CASE("a switch passes over what waits of the old track") {
  PacedLesson paced(500'000);
  paced.lesson.set_other_picture();
  paced.frame(30, true);
  const std::size_t before = paced.lesson.got().size();
  paced.lesson.subscribe(kOtherPicture);
  paced.frame(2, true, kOtherSsrc);
  paced.advance(kSecond);
  CHECK(paced.lesson.got().size() == before + 2);
  CHECK(paced.lesson.count(Counter::EgressDropPaced) == 30 - before);
  CHECK(paced.is_contiguous());
}

TEST_CASE("who goes while something waits is forgotten") {
  for (int what = 0; what < 4; ++what) {
    PacedLesson paced(500'000);
    Dataplane& dataplane = paced.lesson.dataplane;
    paced.frame(30, true);
    paced.nack(static_cast<std::int64_t>(paced.lesson.subscriber.of(kOutSsrc)[0]->index));
    switch (what) {
      case 0:
        dataplane.remove_track(kPicture);
        break;
      case 1:
        dataplane.remove_subscription(1);
        break;
      case 2:
        dataplane.remove_transport(2);
        break;
      default:
        dataplane.set_pacing(2, 0, paced.lesson.now_ns);
        break;
    }
    paced.advance(kSecond);
    CHECK(dataplane.next_due_ns() > paced.lesson.now_ns + kSecond);
  }
}

}  // namespace tandem::test
