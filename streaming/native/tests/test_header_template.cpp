// The header that is written once for all, and the padding that makes a frame's packets one size.
#include <doctest/doctest.h>

#include <random>

#include "crypto_backend.hpp"
#include "header_template.hpp"
#include "packet_ring.hpp"
#include "virtual_lesson.hpp"

namespace tandem::test {

namespace {

ExtensionMap random_map(std::mt19937& random, bool wide) {
  ExtensionMap map;
  for (std::size_t kind = 1; kind < kExtensionKinds; ++kind) {
    if (random() % 3 != 0) {
      map.add(static_cast<std::uint8_t>(1 + random() % (wide ? 200 : 14)), static_cast<ExtensionKind>(kind));
    }
  }
  return map;
}

Transport transport_with(const ExtensionMap& map, bool mixed) {
  Transport transport(1, 1, 0);
  TransportSpec spec;
  spec.extensions = map;
  spec.extmap_allow_mixed = mixed;
  const std::unique_ptr<CryptoBackend> crypto = open_identity_backend();
  transport.apply(std::move(spec), *crypto);
  return transport;
}

std::vector<std::uint8_t> random_packet(std::mt19937& random) {
  std::vector<std::uint8_t> packet(400);
  ByteWriter writer(packet);
  write_rtp_header(writer, {.has_extension = true});
  writer.u16(kOneByteExtensionProfile);
  writer.u16(0);
  for (std::size_t i = random() % 6; i > 0; --i) {
    const std::size_t length = 1 + random() % 16;
    writer.u8(static_cast<std::uint8_t>(((1 + random() % 14) << 4U) | (length - 1)));
    for (std::size_t j = 0; j < length; ++j) {
      writer.u8(static_cast<std::uint8_t>(random()));
    }
  }
  writer.zeros((4 - writer.position() % 4) % 4);
  writer.patch_u16(14, static_cast<std::uint16_t>((writer.position() - 16) / 4));
  writer.u8(0xAA);
  packet.resize(writer.position());
  return packet;
}

// A frame in one burst, as recvmmsg gives it; the subscriber has reported, so that it needs no mid any more.
void publish_burst(VirtualLesson& lesson, std::int64_t first, const std::vector<std::size_t>& payload_bytes) {
  for (std::size_t i = 0; i < payload_bytes.size(); ++i) {
    const auto number = first + static_cast<std::int64_t>(i);
    std::vector<std::uint8_t> payload = vp8(7, i == 0);
    payload.resize(payload_bytes[i], 0x5A);
    std::vector<std::uint8_t> datagram = lesson.publisher.seal({.ssrc = kPictureSsrc,
                                                                .sequence_number = number,
                                                                .timestamp = 9000,
                                                                .payload = payload,
                                                                .marker = i + 1 == payload_bytes.size(),
                                                                .extensions = {}});
    lesson.dataplane.handle_datagram(lesson.publisher.path, datagram, lesson.now_ns);
  }
  while (!lesson.dataplane.is_idle()) {
    lesson.dataplane.run_slice(lesson.now_ns);
  }
  lesson.subscriber.take(lesson.sink.sent);
}

void report(VirtualLesson& lesson) {
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer(buffer);
  const std::array<ReportBlock, 1> blocks{ReportBlock{.ssrc = kOutSsrc}};
  write_receiver_report(writer, 9, blocks);
  lesson.give(lesson.subscriber, lesson.subscriber.seal_rtcp(writer.written()));
}

}  // namespace

TEST_CASE("a template gives the bytes that write_forwarded_header gives") {
  std::mt19937 random(3);  // the same cases each time
  for (int round = 0; round < 2'000; ++round) {
    const Transport publisher = transport_with(random_map(random, false), true);
    const bool mixed = random() % 2 == 0;
    const Transport subscriber = transport_with(random_map(random, mixed), mixed);
    const std::vector<std::uint8_t> packet = random_packet(random);
    const RtpView view = *parse_rtp(packet);
    HeaderTemplate header;
    header.build(view, publisher, subscriber);
    const RtpHeader fixed{.payload_type = static_cast<std::uint8_t>(random() & 0x7FU),
                          .marker = random() % 2 == 0,
                          .has_padding = random() % 2 == 0,
                          .sequence_number = static_cast<std::uint16_t>(random()),
                          .timestamp = static_cast<std::uint32_t>(random()),
                          .ssrc = static_cast<std::uint32_t>(random())};
    ExtensionOverrides overrides;
    overrides.transport_cc = static_cast<std::uint16_t>(random());
    overrides.abs_send_time = random() & 0xFFFFFFU;
    std::array<std::uint8_t, 512> expected{};
    const std::size_t length = write_forwarded_header(
        view, fixed, publisher.spec().extensions, subscriber.spec().extensions, overrides, mixed, expected);
    CHECK(header.fits(publisher, subscriber) == (length <= HeaderTemplate::kMaxBytes));
    if (length <= HeaderTemplate::kMaxBytes) {
      std::array<std::uint8_t, 512> written{};
      CHECK(header.write(fixed, *overrides.transport_cc, *overrides.abs_send_time, written) == length);
      CHECK(written == expected);
      CHECK(header.write(fixed, 0, 0, std::span(written).first(length - 1)) == 0);
    }
    CHECK_FALSE(header.fits(publisher, transport_with(ExtensionMap(), !mixed)));
  }
}

TEST_CASE("a frame's packets get one size, and a resend of them is what it was") {
  for (const bool has_rtx : {false, true}) {
    VirtualLesson lesson(has_rtx);
    lesson.subscribe();
    publish_burst(lesson, 100, {500});
    report(lesson);
    publish_burst(lesson, 101, {1185, 1186, 1100, 1187, 900});
    const std::vector<const Opened*> got = lesson.subscriber.of(kOutSsrc);
    REQUIRE(got.size() == 6);
    std::vector<std::size_t> sizes;
    for (const Opened* packet : got) {
      sizes.push_back(packet->bytes.size());
    }
    CHECK(sizes[1] == sizes[4]);
    CHECK(sizes[2] == sizes[4]);
    CHECK(sizes[3] < sizes[4] - PacketRing::kMaxGsoPaddingBytes);  // too much is missing
    CHECK(got[1]->view.payload.size() == 1185);
    CHECK(got[1]->view.padding_bytes == 2);
    CHECK(got[5]->view.padding_bytes == 0);  // the last may be shorter
    lesson.advance(kSecond);
    lesson.nack(static_cast<std::int64_t>(got[1]->index));
    if (has_rtx) {
      const Opened* again = lesson.subscriber.of(kOutRtxSsrc).back();
      CHECK(again->view.padding_bytes == 0);
      CHECK(again->view.payload.size() == 1185 + 2);  // the original sequence number comes first
    } else {
      CHECK(lesson.subscriber.sealed_rtp.back() == lesson.subscriber.sealed_rtp[1]);
    }
  }
}

}  // namespace tandem::test
