// Repair towards a subscriber on a path that loses packets, in virtual time.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

constexpr std::int64_t kRoundTripNs = 40 * kMillisecond;

// What a subscriber on a path of `kRoundTripNs` has missed and asked for. Its time runs a round trip late:
// what the server sends is there at once, and what it asks for arrives after the whole of it.
class LossyReceiver {
 public:
  LossyReceiver(VirtualLesson& lesson, double loss) : lesson_(lesson), is_lost_(loss) {}

  // The report that measures the round trip, 2 ms too long.
  void report() {
    const auto reports = VirtualLesson::reports(lesson_.subscriber, RtcpType::SenderReport);
    REQUIRE_FALSE(reports.empty());
    ReportBlock block;
    block.ssrc = kOutSsrc;
    block.last_sender_report = compact_ntp(parse_sender_report(reports.back())->ntp_time);
    lesson_.now_ns = reported_at_ns_ + kRoundTripNs + 2 * kMillisecond;
    std::array<std::uint8_t, 64> buffer{};
    ByteWriter writer(buffer);
    write_receiver_report(writer, 9, std::span(&block, 1));
    lesson_.give(lesson_.subscriber, lesson_.subscriber.seal_rtcp(writer.written()));
  }
  void until_reported() {
    while (VirtualLesson::reports(lesson_.subscriber, RtcpType::SenderReport).empty()) {
      lesson_.advance(Dataplane::kTickNs);
    }
    reported_at_ns_ = lesson_.now_ns;
  }

  // Takes what was sent since the last call, loses some of it, and asks for what is due.
  void poll() {
    for (; taken_ < lesson_.subscriber.rtp.size(); ++taken_) {
      take(lesson_.subscriber.rtp[taken_]);
    }
    for (auto& [number, arrival_ns] : asked_) {
      if (arrival_ns <= lesson_.now_ns) {
        arrival_ns = lesson_.now_ns + kRoundTripNs;
        lesson_.nack(number);
      }
    }
  }
  [[nodiscard]] std::size_t missing() const noexcept { return asked_.size(); }
  [[nodiscard]] std::int64_t longest_ns() const noexcept { return longest_ns_; }
  [[nodiscard]] std::size_t lost() const noexcept { return lost_; }

 private:
  void take(const Opened& packet) {
    const bool is_repair = packet.view.ssrc == kOutRtxSsrc;
    const auto number = is_repair ? static_cast<std::int64_t>(ByteReader(packet.view.payload).u16())
                                  : static_cast<std::int64_t>(packet.index);
    if (is_lost_(dice_)) {
      ++lost_;
      if (!is_repair) {
        asked_.try_emplace(number, lesson_.now_ns + kRoundTripNs);
        since_ns_.try_emplace(number, lesson_.now_ns);
      }
      return;
    }
    if (asked_.erase(number) != 0) {
      longest_ns_ = std::max(longest_ns_, lesson_.now_ns - since_ns_.at(number));
    }
  }

  VirtualLesson& lesson_;
  std::bernoulli_distribution is_lost_;
  std::minstd_rand dice_{7};  // seeded: the same run each time
  std::size_t taken_ = 0;
  std::map<std::int64_t, std::int64_t> asked_;  // when the next request arrives
  std::map<std::int64_t, std::int64_t> since_ns_;
  std::int64_t reported_at_ns_ = 0;
  std::int64_t longest_ns_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace

TEST_CASE("checklist 13: a tenth lost, of repairs as well, is repaired") {
  VirtualLesson lesson;
  LossyReceiver receiver(lesson, 0.1);
  lesson.subscribe();
  std::vector<std::uint8_t> payload = vp8(1, true);
  payload.resize(1150);
  std::int64_t number = 0;
  const auto packet = [&] {
    lesson.publish({.ssrc = kPictureSsrc,
                    .sequence_number = number,
                    .timestamp = static_cast<std::uint32_t>(number / 5 * 3000),
                    .payload = payload,
                    .marker = number % 5 == 4,
                    .extensions = {}});
    ++number;
  };
  packet();
  receiver.until_reported();
  receiver.report();
  while (number < 5000 || receiver.missing() != 0) {  // 150 packets a second
    if (number < 5000) {
      packet();
    }
    receiver.poll();
    lesson.advance(kSecond / 150);
  }
  CHECK(receiver.lost() > 450);
  CHECK(lesson.count(Counter::NackSuppressed) == 0);
  CHECK(lesson.count(Counter::NackOverBudget) == 0);
  CHECK(lesson.count(Counter::NackUnknown) == 0);
  CHECK(receiver.longest_ns() < 5 * kRoundTripNs);
}

TEST_CASE("checklist 13: what is asked for again within half a round trip is on its way") {
  VirtualLesson lesson;
  LossyReceiver receiver(lesson, 0);
  lesson.subscribe();
  lesson.publish_frame(1, true);
  receiver.until_reported();
  receiver.report();
  const auto first = static_cast<std::int64_t>(lesson.subscriber.of(kOutSsrc)[0]->index);
  lesson.nack(first);
  lesson.advance(kRoundTripNs / 2);
  lesson.nack(first);
  CHECK(lesson.count(Counter::OutRtx) == 1);
  CHECK(lesson.count(Counter::NackSuppressed) == 1);
  lesson.advance(kRoundTripNs / 2);
  lesson.nack(first);
  CHECK(lesson.count(Counter::OutRtx) == 2);
}

}  // namespace tandem::test
