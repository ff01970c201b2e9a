// A lesson in virtual time: a Dataplane between peers that seal and open their own SRTP. No sockets, no
// clock.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crypto_suites.hpp"
#include "dataplane.hpp"
#include "sequence.hpp"
#include "stun.hpp"
#include "vp8.hpp"

namespace tandem::test {

struct Sent {
  Path path;
  std::vector<std::uint8_t> bytes;
  std::size_t most_message_bytes = 0;
};

class CapturingSink final : public DatagramSink {
 public:
  MutableBytes reserve(const Path& path) override {
    path_ = path;
    return is_blocked ? MutableBytes{} : MutableBytes(slot_);
  }
  void commit(std::size_t length) override {
    sent.push_back({.path = path_,
                    .bytes = {slot_.begin(), slot_.begin() + static_cast<std::ptrdiff_t>(length)},
                    .most_message_bytes = most_message_bytes_});
    most_message_bytes_ = kAny;
  }
  void limit_message(std::size_t bytes) noexcept override { most_message_bytes_ = bytes; }
  bool has_room(const Path& /*path*/) override { return !is_blocked; }
  std::vector<Sent> sent;
  bool is_blocked = false;

 private:
  static constexpr std::size_t kAny = ~std::size_t{0};
  Path path_;
  std::size_t most_message_bytes_ = kAny;
  std::array<std::uint8_t, kEgressSlotBytes> slot_{};
};

class CapturingEvents final : public EventSink {
 public:
  bool push(Event event) override {
    events.push_back(std::move(event));
    return true;
  }
  [[nodiscard]] std::size_t count(EventKind kind) const {
    std::size_t found = 0;
    for (const Event& event : events) {
      found += event.kind == kind ? 1U : 0U;
    }
    return found;
  }
  std::vector<Event> events;
};

// One packet as a peer sees it, its own copy.
struct Opened {
  std::vector<std::uint8_t> bytes;
  RtpView view;
  std::uint64_t index = 0;
};

inline constexpr std::uint8_t kMidId = 1;
inline constexpr std::uint8_t kRidId = 2;
inline constexpr std::uint8_t kRepairedRidId = 3;
inline constexpr std::uint8_t kLevelId = 4;
inline constexpr std::uint8_t kTransportCcId = 6;

inline ExtensionMap lesson_extensions() {
  ExtensionMap map;
  map.add(kMidId, ExtensionKind::Mid);
  map.add(kRidId, ExtensionKind::Rid);
  map.add(kRepairedRidId, ExtensionKind::RepairedRid);
  map.add(kLevelId, ExtensionKind::AudioLevel);
  map.add(kTransportCcId, ExtensionKind::TransportCc);
  return map;
}

struct Extension {
  std::uint8_t id = 0;
  std::string value;
};

struct OutgoingRtp {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 96;
  std::int64_t sequence_number = 0;  // extended
  std::uint32_t timestamp = 0;
  std::vector<std::uint8_t> payload;
  bool marker = false;
  std::uint8_t padding = 0;
  std::vector<Extension> extensions;
};

// A frame of one packet: 15-bit picture_id, tl0picidx.
inline std::vector<std::uint8_t> vp8(std::uint16_t picture_id, bool keyframe, std::uint8_t tl0picidx = 0) {
  return {0x90,
          0xC0,
          static_cast<std::uint8_t>(0x80U | (picture_id >> 8U)),
          static_cast<std::uint8_t>(picture_id),
          tl0picidx,
          static_cast<std::uint8_t>(keyframe ? 0x10 : 0x11),
          1,
          2,
          3};
}

class Peer {
 public:
  // Peers seal and open by OpenSSL unless told otherwise.
  Peer(TransportId transport, std::uint16_t port, SrtpProfile profile = SrtpProfile::AeadAes128Gcm,
       CryptoBackend& crypto = testing::openssl());

  [[nodiscard]] TransportSpec spec(bool transport_cc = false) const;
  [[nodiscard]] std::vector<std::uint8_t> check(bool nominate, std::string_view pwd = {}) const;
  [[nodiscard]] std::vector<std::uint8_t> seal(const OutgoingRtp& packet);
  [[nodiscard]] std::vector<std::uint8_t> seal_rtcp(Bytes compound);
  // Opens what was sent to this peer since the last call.
  void take(const std::vector<Sent>& sent);

  [[nodiscard]] std::vector<const Opened*> of(std::uint32_t ssrc) const;

  TransportId transport;
  Path path;
  std::string ufrag;
  std::string pwd = "a password of the server's";
  std::string remote_ufrag;
  std::vector<Opened> rtp;
  std::vector<std::vector<std::uint8_t>> sealed_rtp;
  std::vector<std::vector<std::uint8_t>> rtcp;  // compounds
  std::size_t stun = 0;

 private:
  SrtpKeys keys_;  // from the server's side
  std::optional<SrtpSender> sender_;
  std::optional<SrtpReceiver> receiver_;
  std::size_t taken_ = 0;
};

inline constexpr TrackId kPicture = 1;
inline constexpr TrackId kOtherPicture = 2;
inline constexpr TrackId kVoice = 3;
inline constexpr std::uint32_t kPictureSsrc = 1001;
inline constexpr std::uint32_t kPictureRtxSsrc = 1002;
inline constexpr std::uint32_t kOtherSsrc = 1003;
inline constexpr std::uint32_t kVoiceSsrc = 1004;
inline constexpr std::uint32_t kOutSsrc = 2001;
inline constexpr std::uint32_t kOutRtxSsrc = 2002;

class VirtualLesson {
 public:
  // `peer_crypto` must be what `crypto` can talk to: identity with identity, any other with any other.
  explicit VirtualLesson(bool rtx = true, SrtpProfile profile = SrtpProfile::AeadAes128Gcm,
                         CryptoBackend& crypto = testing::openssl(),
                         CryptoBackend& peer_crypto = testing::openssl());

  void set_picture(TrackSpec spec = picture_spec());
  static TrackSpec picture_spec();
  // A second picture without retransmissions: of the same source, or of another.
  void set_other_picture(std::uint64_t source = 1);
  [[nodiscard]] SubscriptionSpec subscription_spec(TrackId track = kPicture) const;
  void subscribe(TrackId track = kPicture) {
    dataplane.set_subscription(1, subscription_spec(track), now_ns);
  }

  void connect(Peer& peer);
  void give(const Peer& peer, std::vector<std::uint8_t> datagram);
  void publish(const OutgoingRtp& packet) { give(publisher, publisher.seal(packet)); }
  // A VP8 frame of one packet on the picture track; timestamps and picture ids follow the sequence number.
  void publish_frame(std::int64_t sequence_number, bool keyframe = false, std::uint32_t ssrc = kPictureSsrc);
  void publish_padding(std::int64_t sequence_number);
  void publish_rtx(std::int64_t rtx_number, std::int64_t original, bool keyframe = false,
                   std::uint8_t padding = 0);
  void nack(std::int64_t sequence_number, std::uint32_t ssrc = kOutSsrc);
  void pli();
  // Moves time on, ticking as the worker would.
  void advance(std::int64_t duration_ns);

  // Sequence numbers that the subscriber got on its media SSRC, relative to the first.
  [[nodiscard]] std::vector<std::int64_t> got() const;
  // RTCP packets of a type (and format) that `peer` got.
  [[nodiscard]] static std::vector<RtcpPacket> reports(const Peer& peer, RtcpType type, int format = -1);
  [[nodiscard]] std::uint64_t count(Counter counter) const { return counters.get(counter); }

  std::int64_t now_ns = 5 * kSecond;
  Counters counters;
  CapturingSink sink;
  CapturingEvents events;
  Dataplane dataplane;
  Peer publisher;
  Peer subscriber;
  bool has_rtx;
};

}  // namespace tandem::test
