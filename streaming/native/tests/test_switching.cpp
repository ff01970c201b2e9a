// Switches between the encodings of one publication, in virtual time.
#include <doctest/doctest.h>

#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

using Numbers = std::vector<std::int64_t>;

constexpr std::array<TrackId, 3> kEncodings{kPicture, kOtherPicture, 9};
constexpr std::array<std::uint32_t, 3> kSsrcs{kPictureSsrc, kOtherSsrc, 1009};
constexpr std::size_t kLow = 0;
constexpr std::size_t kMiddle = 1;
constexpr std::size_t kHigh = 2;

// Three encodings; the payload's last byte says whose frame it is.
class SimulcastLesson : public VirtualLesson {
 public:
  SimulcastLesson() {
    for (const std::size_t encoding : {kLow, kMiddle, kHigh}) {
      TrackSpec spec = picture_spec();
      spec.ssrc = kSsrcs.at(encoding);
      spec.rtx_ssrc = 0;
      spec.rid = std::string(1, "lmh"[encoding]);
      dataplane.set_track(kEncodings.at(encoding), spec);
    }
    want(kLow);
    frame(kLow, true);
  }

  void want(std::size_t encoding) { subscribe(kEncodings.at(encoding)); }
  void frame(std::size_t encoding, bool keyframe = false) {
    const std::int64_t number = numbers_.at(encoding)++;
    std::vector<std::uint8_t> payload =
        vp8(static_cast<std::uint16_t>(number), keyframe, static_cast<std::uint8_t>(number));
    payload.back() = static_cast<std::uint8_t>(encoding);
    publish({.ssrc = kSsrcs.at(encoding),
             .sequence_number = number,
             .timestamp = static_cast<std::uint32_t>((now_ns / 1000) * 9 / 100),
             .payload = payload,
             .marker = true,
             .extensions = {}});
  }
  void frames_of_all() {
    now_ns += 50 * kMillisecond;
    for (const std::size_t encoding : {kLow, kMiddle, kHigh}) {
      frame(encoding);
    }
  }
  // Whose frames went out.
  [[nodiscard]] std::vector<std::size_t> shown() const {
    std::vector<std::size_t> encodings;
    for (const Opened* packet : subscriber.of(kOutSsrc)) {
      encodings.push_back(packet->view.payload.back());
    }
    return encodings;
  }
  [[nodiscard]] std::size_t requests() const { return reports(publisher, RtcpType::PayloadFeedback).size(); }
  void check_numbers() const {
    const Numbers numbers = got();
    std::optional<Vp8Descriptor> before;
    std::optional<std::uint32_t> timestamp;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const Opened& packet = *subscriber.of(kOutSsrc)[i];
      const auto descriptor = parse_vp8(packet.view.payload);
      REQUIRE(descriptor);
      CHECK(numbers[i] == static_cast<std::int64_t>(i));
      CHECK((!before || descriptor->picture_id == ((before->picture_id + 1) & 0x7FFF)));
      CHECK((!timestamp || serial_after(packet.view.timestamp, *timestamp)));
      before = descriptor;
      timestamp = packet.view.timestamp;
    }
  }

 private:
  std::array<std::int64_t, 3> numbers_{65'530, 500, 32'000};
};

using Shown = std::vector<std::size_t>;

}  // namespace

TEST_CASE(
    "the keyframe of the encoding that is wanted is asked for at once, and the old one goes on meanwhile") {
  SimulcastLesson lesson;
  const std::size_t before = lesson.requests();
  lesson.want(kHigh);
  lesson.advance(Dataplane::kTickNs);
  CHECK(lesson.requests() == before + 1);
  lesson.frames_of_all();
  lesson.frames_of_all();
  lesson.frame(kHigh, true);
  lesson.frames_of_all();
  CHECK(lesson.shown() == Shown{kLow, kLow, kLow, kHigh, kHigh});
  lesson.check_numbers();
}

TEST_CASE("a switch that is called off leaves everything as it was") {
  SimulcastLesson lesson;
  lesson.want(kHigh);
  lesson.frames_of_all();
  lesson.want(kLow);
  lesson.frame(kHigh, true);
  lesson.frames_of_all();
  CHECK(lesson.shown() == Shown{kLow, kLow, kLow});
  lesson.check_numbers();
  CHECK(lesson.dataplane.subscription_figures(1).at("waiting_for_keyframe") == 0);
}

TEST_CASE("another encoding is wanted while a switch is pending: only the last wish counts") {
  SimulcastLesson lesson;
  lesson.want(kMiddle);
  lesson.frames_of_all();
  lesson.want(kHigh);
  lesson.now_ns += kMillisecond;
  lesson.frame(kMiddle, true);
  lesson.frames_of_all();
  CHECK(lesson.shown() == Shown{kLow, kLow, kLow});
  lesson.now_ns += kMillisecond;
  lesson.frame(kHigh, true);
  lesson.want(kLow);
  lesson.want(kMiddle);
  lesson.frames_of_all();
  lesson.now_ns += kMillisecond;
  lesson.frame(kMiddle, true);
  lesson.frames_of_all();
  CHECK(lesson.shown() == Shown{kLow, kLow, kLow, kHigh, kHigh, kMiddle, kMiddle});
  lesson.check_numbers();
}

TEST_CASE(
    "going down, the high encoding goes on until the low one's keyframe is there, asked for each second") {
  SimulcastLesson lesson;
  lesson.want(kHigh);
  lesson.frame(kHigh, true);
  lesson.advance(2 * kSecond);
  const std::size_t before = lesson.requests();
  lesson.want(kLow);
  for (int i = 0; i < 50; ++i) {
    lesson.frames_of_all();
    lesson.advance(Dataplane::kTickNs);
  }
  CHECK(lesson.requests() - before >= 3);  // three seconds have passed
  CHECK(lesson.requests() - before <= 4);
  lesson.frame(kLow, true);
  CHECK(lesson.shown().size() == 53);
  CHECK(lesson.shown()[51] == kHigh);
  CHECK(lesson.shown()[52] == kLow);
  lesson.check_numbers();
}

TEST_CASE("a hundred switches keep all numbers in order, and what is not wanted does not go out") {
  SimulcastLesson lesson;
  for (std::size_t step = 1; step <= 100; ++step) {
    const std::size_t wanted = (step * 2) % 3;
    lesson.want(wanted);
    lesson.frames_of_all();
    lesson.now_ns += kMillisecond;
    lesson.frame(wanted, true);
    lesson.frames_of_all();
    CHECK(lesson.shown().back() == wanted);
  }
  lesson.check_numbers();
  const std::uint64_t received = lesson.count(Counter::AcceptedRtp);
  CHECK(received == 1 + 100 * 7);
  CHECK(lesson.count(Counter::OutRtp) == 1 + 100 * 3);
  CHECK(lesson.count(Counter::EgressDropLate) == 0);
}

TEST_CASE("after a switch a retransmission from before it is the packet of the encoding that was left") {
  SimulcastLesson lesson;
  lesson.frames_of_all();
  lesson.want(kHigh);
  lesson.frame(kHigh, true);
  lesson.frames_of_all();
  const Opened original = *lesson.subscriber.of(kOutSsrc)[1];
  lesson.nack(static_cast<std::int64_t>(original.index));
  const auto again = lesson.subscriber.of(kOutRtxSsrc);
  REQUIRE(again.size() == 1);
  CHECK(std::ranges::equal(again[0]->view.payload.subspan(2), original.view.payload));
  CHECK(again[0]->view.payload.back() == kLow);
  CHECK(again[0]->view.timestamp == original.view.timestamp);
}

}  // namespace tandem::test
