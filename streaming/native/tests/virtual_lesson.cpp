#include "virtual_lesson.hpp"

#include <algorithm>

#include "demux.hpp"
#include "rtcp.hpp"

namespace tandem::test {

Peer::Peer(TransportId id, std::uint16_t port, SrtpProfile profile, CryptoBackend& crypto)
    : transport(id), ufrag("local" + std::to_string(port)), remote_ufrag("remote" + std::to_string(port)) {
  path.remote.ip = {192, 0, 2, 7};
  path.remote.port = port;
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  keys_.profile = profile;
  keys_.local.assign(sizes.key_bytes + sizes.salt_bytes, static_cast<std::uint8_t>(port));
  keys_.remote.assign(sizes.key_bytes + sizes.salt_bytes, static_cast<std::uint8_t>(port + 100));
  sender_ = SrtpSender::create(crypto, profile, Bytes(keys_.remote).first(sizes.key_bytes),
                               Bytes(keys_.remote).subspan(sizes.key_bytes));
  receiver_ = SrtpReceiver::create(crypto, profile, Bytes(keys_.local).first(sizes.key_bytes),
                                   Bytes(keys_.local).subspan(sizes.key_bytes));
}

TransportSpec Peer::spec(bool transport_cc) const {
  TransportSpec spec;
  spec.credentials.push_back({.local_ufrag = ufrag, .local_pwd = pwd, .remote_ufrag = remote_ufrag});
  spec.srtp = keys_;
  spec.extensions = lesson_extensions();
  spec.cname = "server";
  spec.transport_cc = transport_cc;
  return spec;
}

std::vector<std::uint8_t> Peer::check(bool nominate, std::string_view password) const {
  std::vector<std::uint8_t> out(256);
  const std::string username = ufrag + ":" + remote_ufrag;
  const std::size_t length = write_stun_check(out,
                                              {.transaction_id = {1},
                                               .username = username,
                                               .priority = 1,
                                               .tie_breaker = 2,
                                               .use_candidate = nominate},
                                              password.empty() ? pwd : password);
  out.resize(length);
  return out;
}

std::vector<std::uint8_t> Peer::seal(const OutgoingRtp& packet) {
  std::vector<std::uint8_t> header(512);
  ByteWriter writer(header);
  write_rtp_header(writer, {.payload_type = packet.payload_type,
                            .marker = packet.marker,
                            .has_padding = packet.padding != 0,
                            .has_extension = !packet.extensions.empty(),
                            .sequence_number = static_cast<std::uint16_t>(packet.sequence_number),
                            .timestamp = packet.timestamp,
                            .ssrc = packet.ssrc});
  if (!packet.extensions.empty()) {
    const bool two_byte = std::ranges::any_of(
        packet.extensions, [](const Extension& extension) { return extension.value.size() > 16; });
    writer.u16(two_byte ? 0x1000 : kOneByteExtensionProfile);
    writer.u16(0);
    for (const Extension& extension : packet.extensions) {
      if (two_byte) {
        writer.u8(extension.id);
        writer.u8(static_cast<std::uint8_t>(extension.value.size()));
      } else {
        writer.u8(static_cast<std::uint8_t>((extension.id << 4U) | (extension.value.size() - 1)));
      }
      for (const char byte : extension.value) {
        writer.u8(static_cast<std::uint8_t>(byte));
      }
    }
    writer.zeros((4 - (writer.position() % 4)) % 4);
    writer.patch_u16(14, static_cast<std::uint16_t>((writer.position() - 16) / 4));
  }
  std::vector<std::uint8_t> payload = packet.payload;
  payload.resize(payload.size() + packet.padding);
  if (packet.padding != 0) {
    payload.back() = packet.padding;
  }
  std::vector<std::uint8_t> out(2048);
  const SrtpResult sealed =
      sender_->protect_rtp(writer.written(), payload, roll_over_counter(packet.sequence_number), out);
  out.resize(sealed.length);
  return out;
}

std::vector<std::uint8_t> Peer::seal_rtcp(Bytes compound) {
  std::vector<std::uint8_t> out(2048);
  out.resize(sender_->protect_rtcp(compound, out).length);
  return out;
}

void Peer::take(const std::vector<Sent>& sent) {
  for (; taken_ < sent.size(); ++taken_) {
    const Sent& datagram = sent[taken_];
    if (datagram.path != path) {
      continue;
    }
    std::vector<std::uint8_t> plain = datagram.bytes;
    switch (classify_datagram(plain)) {
      case DatagramKind::Stun:
        ++stun;
        break;
      case DatagramKind::Rtcp:
        plain.resize(receiver_->unprotect_rtcp(plain, plain).length);
        rtcp.push_back(plain);
        break;
      case DatagramKind::Rtp: {
        const SrtpResult opened = receiver_->unprotect_rtp(plain, plain);
        plain.resize(opened.length);
        sealed_rtp.push_back(datagram.bytes);
        if (opened.ok()) {
          rtp.push_back({.bytes = std::move(plain), .view = {}, .index = opened.index});
          rtp.back().view = *parse_rtp(rtp.back().bytes);
        }
        break;
      }
      default:
        break;
    }
  }
}

std::vector<const Opened*> Peer::of(std::uint32_t ssrc) const {
  std::vector<const Opened*> found;
  for (const Opened& packet : rtp) {
    if (packet.view.ssrc == ssrc) {
      found.push_back(&packet);
    }
  }
  return found;
}

VirtualLesson::VirtualLesson(bool rtx, SrtpProfile profile, CryptoBackend& crypto, CryptoBackend& peer_crypto)
    : dataplane(sink, events, counters, NtpTime{1} << 40U, 7, crypto),
      publisher(1, 5001, profile, peer_crypto),
      subscriber(2, 5002, profile, peer_crypto),
      has_rtx(rtx) {
  publisher.rtp.reserve(64);
  connect(publisher);
  connect(subscriber);
  set_picture();
}

TrackSpec VirtualLesson::picture_spec() {
  TrackSpec spec;
  spec.transport = 1;
  spec.source = 1;
  spec.kind = MediaKind::Video;
  spec.codec = Codec::Vp8;
  spec.payload_type = 96;
  spec.rtx_payload_type = 97;
  spec.ssrc = kPictureSsrc;
  spec.rtx_ssrc = kPictureRtxSsrc;
  spec.mid = "1";
  spec.nack = true;
  spec.pli = true;
  return spec;
}

void VirtualLesson::set_other_picture(std::uint64_t source) {
  TrackSpec other = picture_spec();
  other.source = source;
  other.ssrc = kOtherSsrc;
  other.rtx_ssrc = 0;
  other.mid = "2";
  dataplane.set_track(kOtherPicture, other);
}

void VirtualLesson::set_picture(TrackSpec spec) {
  dataplane.set_track(kPicture, std::move(spec));
}

SubscriptionSpec VirtualLesson::subscription_spec(TrackId track) const {
  SubscriptionSpec spec;
  spec.transport = 2;
  spec.track = track;
  spec.kind = MediaKind::Video;
  spec.ssrc = kOutSsrc;
  spec.rtx_ssrc = has_rtx ? kOutRtxSsrc : 0;
  spec.mid = "v";
  spec.formats = {{.codec = Codec::Vp8,
                   .payload_type = 120,
                   .rtx_payload_type = static_cast<std::int16_t>(has_rtx ? 121 : -1)},
                  {.codec = Codec::H264, .payload_type = 122, .rtx_payload_type = -1}};
  spec.cname = "master";
  return spec;
}

void VirtualLesson::connect(Peer& peer) {
  dataplane.set_transport(peer.transport, peer.spec(true), now_ns);
  give(peer, peer.check(true));
}

void VirtualLesson::give(const Peer& peer, std::vector<std::uint8_t> datagram) {
  dataplane.handle_datagram(peer.path, datagram, now_ns);
  while (!dataplane.is_idle()) {
    dataplane.run_slice(now_ns);
  }
  publisher.take(sink.sent);
  subscriber.take(sink.sent);
}

void VirtualLesson::publish_frame(std::int64_t sequence_number, bool keyframe, std::uint32_t ssrc) {
  publish({.ssrc = ssrc,
           .sequence_number = sequence_number,
           .timestamp = static_cast<std::uint32_t>(sequence_number * 3000),
           .payload = vp8(static_cast<std::uint16_t>(sequence_number & 0x7FFF), keyframe,
                          static_cast<std::uint8_t>(sequence_number)),
           .marker = true,
           .extensions = {}});
}

void VirtualLesson::publish_padding(std::int64_t sequence_number) {
  publish({.ssrc = kPictureSsrc,
           .sequence_number = sequence_number,
           .timestamp = static_cast<std::uint32_t>(sequence_number * 3000),
           .payload = {},
           .padding = 100,
           .extensions = {}});
}

void VirtualLesson::publish_rtx(std::int64_t rtx_number, std::int64_t original, bool keyframe,
                                std::uint8_t padding) {
  std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(original >> 8),
                                    static_cast<std::uint8_t>(original)};
  const std::vector<std::uint8_t> frame =
      vp8(static_cast<std::uint16_t>(original & 0x7FFF), keyframe, static_cast<std::uint8_t>(original));
  payload.insert(payload.end(), frame.begin(), frame.end());
  publish({.ssrc = kPictureRtxSsrc,
           .payload_type = 97,
           .sequence_number = rtx_number,
           .timestamp = static_cast<std::uint32_t>(original * 3000),
           .payload = payload,
           .marker = true,
           .padding = padding,
           .extensions = {}});
}

void VirtualLesson::nack(std::int64_t sequence_number, std::uint32_t ssrc) {
  std::array<std::uint8_t, 256> buffer{};
  ByteWriter writer(buffer);
  const std::array<std::uint16_t, 1> numbers{static_cast<std::uint16_t>(sequence_number)};
  write_nack(writer, 9, ssrc, numbers);
  give(subscriber, subscriber.seal_rtcp(writer.written()));
}

void VirtualLesson::pli() {
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  write_pli(writer, 9, kOutSsrc);
  give(subscriber, subscriber.seal_rtcp(writer.written()));
}

void VirtualLesson::advance(std::int64_t duration_ns) {
  const std::int64_t end_ns = now_ns + duration_ns;
  while (now_ns < end_ns) {
    now_ns = std::min(now_ns + Dataplane::kTickNs, end_ns);
    dataplane.handle_time(now_ns);
  }
  publisher.take(sink.sent);
  subscriber.take(sink.sent);
}

std::vector<std::int64_t> VirtualLesson::got() const {
  std::vector<std::int64_t> numbers;
  const std::vector<const Opened*> packets = subscriber.of(kOutSsrc);
  for (const Opened* packet : packets) {
    numbers.push_back(static_cast<std::int64_t>(packet->index - packets.front()->index));
  }
  return numbers;
}

std::vector<RtcpPacket> VirtualLesson::reports(const Peer& peer, RtcpType type, int format) {
  std::vector<RtcpPacket> found;
  for (const std::vector<std::uint8_t>& compound : peer.rtcp) {
    RtcpIterator iterator(compound);
    RtcpPacket packet;
    while (iterator.next(packet)) {
      if (packet.type == static_cast<std::uint8_t>(type) &&
          (format < 0 || packet.count_or_format == format)) {
        found.push_back(packet);
      }
    }
  }
  return found;
}

}  // namespace tandem::test
