// Reports and feedback of the whole core, in both directions, in virtual time.
#include <doctest/doctest.h>

#include "demux.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

SenderReport last_report(VirtualLesson& lesson) {
  const auto reports = VirtualLesson::reports(lesson.subscriber, RtcpType::SenderReport);
  REQUIRE(!reports.empty());
  return *parse_sender_report(reports.back());
}

void publish_report(VirtualLesson& lesson, std::uint32_t ssrc, NtpTime ntp, std::uint32_t timestamp) {
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  SenderReport report;
  report.ssrc = ssrc;
  report.ntp_time = ntp;
  report.rtp_timestamp = timestamp;
  write_sender_report(writer, report);
  lesson.give(lesson.publisher, lesson.publisher.seal_rtcp(writer.written()));
}

}  // namespace

TEST_CASE("checklist 21 and 22: reports have our counts, within a second, on the publisher's clock") {
  VirtualLesson lesson;
  lesson.subscribe();
  const NtpTime captured = NtpTime{1000} << 32U;
  lesson.publish_frame(1, true);
  publish_report(lesson, kPictureSsrc, captured, 3000);
  lesson.advance(900 * kMillisecond);
  const SenderReport report = last_report(lesson);
  CHECK(report.packet_count == 1);
  CHECK(report.octet_count == vp8(1, true).size());
  const std::int64_t elapsed_ns = ns_from_ntp(report.ntp_time - captured);
  CHECK(elapsed_ns > 0);
  CHECK(elapsed_ns <= 900 * kMillisecond);
  CHECK(report.rtp_timestamp - 3000 == ticks_from_ns(elapsed_ns, 90'000));
}

TEST_CASE("a report that is due goes right behind a packet, so that it is part of its message") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  lesson.advance(210 * kMillisecond);
  CHECK(VirtualLesson::reports(lesson.subscriber, RtcpType::SenderReport).empty());
  lesson.publish_frame(2);
  REQUIRE(lesson.sink.sent.size() >= 2);
  const Sent& media = *(lesson.sink.sent.end() - 2);
  const Sent& report = lesson.sink.sent.back();
  CHECK(media.path == lesson.subscriber.path);
  CHECK(classify_datagram(media.bytes) == DatagramKind::Rtp);
  CHECK(report.path == lesson.subscriber.path);
  CHECK(classify_datagram(report.bytes) == DatagramKind::Rtcp);
  CHECK(last_report(lesson).packet_count == 2);
  // Without media it goes by itself.
  lesson.advance(1'200 * kMillisecond);
  CHECK(VirtualLesson::reports(lesson.subscriber, RtcpType::SenderReport).size() == 2);
}

TEST_CASE("checklist 22: after a switch between sources the reports are on the server's clock") {
  VirtualLesson lesson;
  lesson.set_other_picture(2);
  lesson.subscribe();
  lesson.publish_frame(1, true);
  publish_report(lesson, kPictureSsrc, NtpTime{1000} << 32U, 3000);
  lesson.publish_frame(9, true, kOtherSsrc);
  publish_report(lesson, kOtherSsrc, NtpTime{1000} << 32U, 27000);
  lesson.advance(2 * kSecond);
  CHECK((last_report(lesson).ntp_time >> 32U) < 1010U);
  lesson.subscribe(kOtherPicture);
  lesson.publish_frame(10, true, kOtherSsrc);
  lesson.advance(2 * kSecond);
  const NtpTime server = (NtpTime{1} << 40U) + ntp_from_ns(lesson.now_ns);
  const std::int64_t age_ns = ns_from_ntp(server - last_report(lesson).ntp_time);
  CHECK(age_ns >= -kMillisecond);
  CHECK(age_ns < 1100 * kMillisecond);
}

TEST_CASE("transport-cc feedback names an SSRC that is sent, whichever encodings rest") {
  VirtualLesson lesson;  // its picture, the first track, is never sent
  lesson.set_other_picture();
  lesson.publish({.ssrc = kOtherSsrc,
                  .sequence_number = 1,
                  .timestamp = 900,
                  .payload = vp8(1, true),
                  .extensions = {{.id = kTransportCcId, .value = std::string{'\0', '\1'}}}});
  lesson.advance(kSecond);
  const auto feedback =
      VirtualLesson::reports(lesson.publisher, RtcpType::TransportFeedback, kFormatTransportCc);
  REQUIRE_FALSE(feedback.empty());
  CHECK(parse_feedback(feedback[0])->media_ssrc == kOtherSsrc);
}

TEST_CASE("publishers get receiver reports with loss, and transport-cc feedback every 50 to 100 ms") {
  VirtualLesson lesson;
  for (std::int64_t i = 0; i < 100; ++i) {
    if (i % 10 != 9) {
      lesson.publish(
          {.ssrc = kPictureSsrc,
           .sequence_number = i,
           .timestamp = static_cast<std::uint32_t>(i * 900),
           .payload = vp8(1, i == 0),
           .extensions = {{.id = kTransportCcId, .value = std::string{'\0', static_cast<char>(i)}}}});
    }
    lesson.advance(10 * kMillisecond);
  }
  lesson.advance(kSecond);
  std::int32_t lost = 0;
  for (const RtcpPacket& packet : VirtualLesson::reports(lesson.publisher, RtcpType::ReceiverReport)) {
    const auto report = parse_receiver_report(packet);
    REQUIRE(report);
    for (const ReportBlock& block : report->reports.view()) {
      CHECK(block.ssrc == kPictureSsrc);
      CHECK(block.jitter_ticks == 0);
      lost = std::max(lost, block.cumulative_lost);
    }
  }
  CHECK(lost == 9);
  const auto feedback =
      VirtualLesson::reports(lesson.publisher, RtcpType::TransportFeedback, kFormatTransportCc);
  CHECK(feedback.size() >= 10);
  CHECK(feedback.size() <= 21);
  std::size_t received = 0;
  for (const RtcpPacket& packet : feedback) {
    TransportCcIterator statuses(parse_feedback(packet)->control);
    TransportCcStatus status;
    while (statuses.next(status)) {
      received += status.is_received ? 1U : 0U;
    }
  }
  CHECK(received == 90);
}

TEST_CASE("round trips are measured by the receiver's reports") {
  VirtualLesson lesson;
  lesson.subscribe();
  lesson.publish_frame(1, true);
  lesson.advance(400 * kMillisecond);
  ReportBlock block;
  block.ssrc = kOutSsrc;
  block.fraction_lost = 25;
  block.last_sender_report = compact_ntp(last_report(lesson).ntp_time);
  lesson.now_ns += 30 * kMillisecond;
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  write_receiver_report(writer, 5, std::span(&block, 1));
  lesson.give(lesson.subscriber, lesson.subscriber.seal_rtcp(writer.written()));
  const Figures figures = lesson.dataplane.subscription_figures(1);
  CHECK(figures.at("lost_reported") == 25);
  CHECK(figures.at("rtt_us") >= 30'000);
  CHECK(figures.at("rtt_us") <= 140'000);
}

}  // namespace tandem::test
