// Many open microphones in one lesson, in virtual time: who is forwarded, and under which numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "virtual_group.hpp"

namespace tandem::test {

namespace {

constexpr std::size_t kMicrophones = 6;
constexpr std::size_t kMaster = kMicrophones;  // its voice stands outside the group
constexpr TrackId kFirstTrack = 10;
constexpr std::uint64_t kGroup = 1;
constexpr std::int64_t kPacketNs = 20 * kMillisecond;
constexpr std::uint8_t kSilent = 127;

std::uint32_t in_ssrc(std::size_t who) {
  return static_cast<std::uint32_t>(3000 + who);
}
std::uint32_t out_ssrc(std::size_t who) {
  return static_cast<std::uint32_t>(4000 + who);
}
TrackId track_of(std::size_t who) {
  return kFirstTrack + who;
}

TrackSpec voice_spec(std::size_t who) {
  TrackSpec spec;
  spec.transport = 1;
  spec.source = 10 + who;
  spec.codec = Codec::Opus;
  spec.clock_rate_hz = 48'000;
  spec.payload_type = 111;
  spec.ssrc = in_ssrc(who);
  spec.speaker_group = who == kMaster ? 0 : kGroup;
  spec.speaker_limit = 3;
  return spec;
}

SubscriptionSpec hears(std::size_t who) {
  SubscriptionSpec spec;
  spec.transport = 2;
  spec.track = track_of(who);
  spec.ssrc = out_ssrc(who);
  spec.formats = {{.codec = Codec::Opus, .payload_type = 111}};
  return spec;
}

// The sequence and timestamp numbers begin close to their wrap.
struct Microphone {
  std::int64_t sequence_number = 65'500;
  std::uint32_t timestamp = 0xFFFFF000;
  std::uint8_t level = kSilent;
};

template <typename Lesson>
class Voices {
 public:
  explicit Voices(Lesson& lesson) : lesson_(lesson) {}

  void run(std::int64_t duration_ns) {
    for (const std::int64_t end_ns = lesson_.now_ns + duration_ns; lesson_.now_ns < end_ns;) {
      for (std::size_t who = 0; who <= kMaster; ++who) {
        send(who);
      }
      lesson_.now_ns += kPacketNs;
    }
  }
  void send(std::size_t who) {
    Microphone& microphone = microphones[who];
    lesson_.publish(packet(who, microphone.sequence_number++, microphone.timestamp));
    microphone.timestamp += 960;
  }
  [[nodiscard]] OutgoingRtp packet(std::size_t who, std::int64_t number, std::uint32_t timestamp) const {
    return {.ssrc = in_ssrc(who),
            .payload_type = 111,
            .sequence_number = number,
            .timestamp = timestamp,
            .payload = {1, 2, 3},
            .extensions = {{kLevelId, std::string(1, static_cast<char>(microphones[who].level))}}};
  }
  // What the subscriber got of `who` since the last call.
  std::size_t take(std::size_t who) {
    const std::size_t all = lesson_.subscriber.of(out_ssrc(who)).size();
    return all - std::exchange(taken_[who], all);
  }
  std::vector<std::size_t> take_heard() {
    std::vector<std::size_t> heard;
    for (std::size_t who = 0; who < kMicrophones; ++who) {
      if (take(who) > 0) {
        heard.push_back(who);
      }
    }
    return heard;
  }
  // No number is missing, and time goes as the publisher's does.
  void check_numbers(std::size_t who) const {
    const std::vector<const Opened*> packets = lesson_.subscriber.of(out_ssrc(who));
    for (std::size_t i = 1; i < packets.size(); ++i) {
      CHECK(packets[i]->index == packets[i - 1]->index + 1);
      const std::uint32_t elapsed = packets[i]->view.timestamp - packets[i - 1]->view.timestamp;
      CHECK(elapsed >= 960);
      CHECK(elapsed % 960 == 0);
      CHECK(elapsed < 60 * 48'000);
    }
  }

  std::array<Microphone, kMicrophones + 1> microphones;

 private:
  Lesson& lesson_;
  std::map<std::size_t, std::size_t> taken_;
};

void open(VirtualLesson& lesson) {
  for (std::size_t who = 0; who <= kMaster; ++who) {
    lesson.dataplane.set_track(track_of(who), voice_spec(who));
    lesson.dataplane.set_subscription(100 + who, hears(who), lesson.now_ns);
  }
}

using Heard = std::vector<std::size_t>;

}  // namespace

TEST_CASE("of six open microphones three are forwarded, and the master's always") {
  VirtualLesson lesson;
  open(lesson);
  Voices voices(lesson);
  voices.microphones[1].level = 30;
  voices.microphones[3].level = 25;
  voices.microphones[4].level = 40;
  voices.microphones[5].level = 60;
  voices.run(kSecond);
  voices.take_heard();
  voices.take(kMaster);
  const std::uint64_t unheard = lesson.count(Counter::VoiceUnheard);
  voices.run(kSecond);
  CHECK(voices.take_heard() == Heard{1, 3, 4});
  CHECK(voices.take(kMaster) == 50);
  CHECK(lesson.count(Counter::VoiceUnheard) == unheard + 150);
  CHECK(lesson.count(Counter::AcceptedRtp) == 2 * 7 * 50);
}

TEST_CASE("a loud newcomer gets in with its second loud packet, and who leaves comes back without a gap") {
  VirtualLesson lesson;
  open(lesson);
  Voices voices(lesson);
  for (std::size_t who = 0; who < 3; ++who) {
    voices.microphones[who].level = static_cast<std::uint8_t>(30 + who);
  }
  voices.run(kSecond);
  CHECK(voices.take_heard() == Heard{0, 1, 2});
  voices.microphones[5].level = 20;
  voices.run(2 * kPacketNs);
  CHECK(voices.take(5) == 1);
  voices.run(kSecond);
  CHECK(voices.take(5) == 50);
  CHECK(voices.take(2) == 2);
  voices.microphones[5].level = kSilent;
  voices.run(3 * kSecond);
  CHECK(voices.take(2) > 100);
  voices.check_numbers(2);
  voices.check_numbers(5);
}

TEST_CASE("what is missing of the time when a voice was not heard is not let through afterwards") {
  VirtualLesson lesson;
  open(lesson);
  Voices voices(lesson);
  for (std::size_t who = 0; who < 3; ++who) {
    voices.microphones[who].level = 30;
  }
  voices.run(kSecond);
  // The newcomer's last packet before it is heard comes late, and one of long before.
  Microphone& newcomer = voices.microphones[5];
  newcomer.level = 10;
  voices.send(5);
  const OutgoingRtp late = voices.packet(5, newcomer.sequence_number++, newcomer.timestamp);
  newcomer.timestamp += 960;
  voices.send(5);
  CHECK(voices.take(5) == 1);
  lesson.publish(late);
  CHECK(voices.take(5) == 0);
  voices.send(5);
  CHECK(voices.take(5) == 1);
  voices.check_numbers(5);
}

TEST_CASE("the recorder's tap gets a voice whether or not it is heard") {
  VirtualLesson lesson;
  open(lesson);
  const auto tap = std::make_shared<TapRing>(1U << 20U);
  lesson.dataplane.open_tap(track_of(0), tap, lesson.now_ns);
  Voices voices(lesson);
  for (std::size_t who = 1; who < 4; ++who) {
    voices.microphones[who].level = 30;
  }
  voices.run(kSecond);
  voices.take_heard();
  voices.run(kSecond);
  CHECK(voices.take(0) == 0);
  constexpr std::size_t kRecordBytes = 16 + 12 + 4 + 4 + 3;  // head, header, extension, payload
  CHECK(tap->take(1U << 20U).size() == 100 * kRecordBytes);
}

TEST_CASE("a voice that is forbidden, removed or that nobody here takes leaves its place to others") {
  VirtualLesson lesson;
  open(lesson);
  Voices voices(lesson);
  for (std::size_t who = 0; who < 4; ++who) {
    voices.microphones[who].level = static_cast<std::uint8_t>(20 + 8 * who);
  }
  voices.run(kSecond);
  voices.take_heard();
  TrackSpec forbidden = voice_spec(0);
  forbidden.forbidden = true;
  lesson.dataplane.set_track(track_of(0), forbidden);
  voices.run(kSecond);
  CHECK(voices.take_heard() == Heard{1, 2, 3});
  lesson.dataplane.remove_track(track_of(1));
  lesson.dataplane.remove_subscription(100 + 2);
  voices.run(kSecond);
  CHECK(voices.take_heard() == Heard{3, 4, 5});
  lesson.dataplane.set_track(track_of(0), voice_spec(0));
  voices.run(kSecond);
  CHECK(voices.take(0) > 45);
}

TEST_CASE("another worker decides for its own subscribers, by the levels that the feed carries") {
  VirtualGroup group;
  for (std::size_t who = 0; who <= kMaster; ++who) {
    group.workers[0].set_track(track_of(who), voice_spec(who));
    group.workers[1].open_mirror(track_of(who), mirror_of(voice_spec(who)),
                                 mirror_of(group.publisher.spec(true)), 0, 1 + who, group.now_ns);
    group.workers[0].open_feed(track_of(who), 1, 1 + who);
    group.workers[1].set_subscription(100 + who, hears(who), group.now_ns);
  }
  Voices voices(group);
  for (std::size_t who = 0; who < 4; ++who) {
    voices.microphones[who].level = static_cast<std::uint8_t>(40 - 8 * who);
  }
  voices.run(kSecond);
  voices.take_heard();
  voices.take(kMaster);
  voices.run(kSecond);
  CHECK(voices.take_heard() == Heard{1, 2, 3});
  CHECK(voices.take(kMaster) == 50);
  voices.microphones[5].level = 10;
  voices.run(2 * kPacketNs);
  CHECK(voices.take(5) == 1);
  voices.microphones[5].level = kSilent;
  voices.run(3 * kSecond);
  voices.check_numbers(1);
  CHECK(group.counters[0].get(Counter::VoiceUnheard) == 0);
  CHECK(group.counters[1].get(Counter::VoiceUnheard) > 300);
  CHECK(group.is_balanced());
}

}  // namespace tandem::test
