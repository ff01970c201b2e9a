#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "rtp_extension.hpp"
#include "vectors.hpp"

using namespace tandem;
using tandem::testing::from_hex;
using tandem::testing::load_vectors;
using tandem::testing::Octets;

namespace {

constexpr RtpHeader kHeader{
    .payload_type = 100, .marker = true, .sequence_number = 7, .timestamp = 8, .ssrc = 9};

ExtensionMap map_of(std::initializer_list<std::pair<std::uint8_t, ExtensionKind>> entries) {
  ExtensionMap map;
  for (const auto& [id, kind] : entries) {
    map.add(id, kind);
  }
  return map;
}

struct Forwarded {
  std::vector<std::uint8_t> packet;
  RtpView view;
};

Forwarded forward(const Octets& packet, const ExtensionMap& ingress, const ExtensionMap& egress,
                  const ExtensionOverrides& overrides, bool allow_two_byte) {
  const auto parsed = parse_rtp(packet);
  REQUIRE(parsed);
  Forwarded result;
  result.packet.resize(512);
  const std::size_t size =
      write_forwarded_header(*parsed, kHeader, ingress, egress, overrides, allow_two_byte, result.packet);
  REQUIRE(size != 0);
  result.packet.resize(size);
  const auto view = parse_rtp(result.packet);
  REQUIRE(view);
  result.view = *view;
  return result;
}

const ExtensionMap kIngress = map_of({{1, ExtensionKind::Mid},
                                      {3, ExtensionKind::TransportCc},
                                      {4, ExtensionKind::AudioLevel},
                                      {12, ExtensionKind::DependencyDescriptor},
                                      {13, ExtensionKind::VideoOrientation}});

}  // namespace

TEST_CASE("kinds and URIs go both ways") {
  for (std::size_t i = 1; i < kExtensionKinds; ++i) {
    const auto kind = static_cast<ExtensionKind>(i);
    CHECK(extension_kind(extension_uri(kind)) == kind);
  }
  CHECK(extension_kind("urn:example:unknown") == ExtensionKind::None);
  CHECK(extension_kind("") == ExtensionKind::None);
}

TEST_CASE("a map refuses what is taken and what is nothing") {
  ExtensionMap map;
  CHECK(map.add(5, ExtensionKind::Mid));
  CHECK(map.add(5, ExtensionKind::Mid));
  CHECK_FALSE(map.add(5, ExtensionKind::Rid));
  CHECK_FALSE(map.add(6, ExtensionKind::Mid));
  CHECK_FALSE(map.add(0, ExtensionKind::Rid));
  CHECK_FALSE(map.add(7, ExtensionKind::None));
  CHECK(map.id(ExtensionKind::Mid) == 5);
  CHECK(map.kind(5) == ExtensionKind::Mid);
  CHECK_FALSE(map.has(ExtensionKind::Rid));
}

TEST_CASE("one-byte elements are walked, padding skipped, id 15 ends") {
  ExtensionElement element;
  const Octets block = from_hex("10 30 00 00 31 0102 f0 10 31");
  ExtensionIterator iterator(kOneByteExtensionProfile, block);
  REQUIRE(iterator.next(element));
  CHECK(element.id == 1);
  CHECK(as_text(element.value) == "0");
  REQUIRE(iterator.next(element));
  CHECK(element.id == 3);
  CHECK(read_transport_cc(element.value) == 0x0102);
  CHECK_FALSE(iterator.next(element));
  CHECK_FALSE(iterator.is_malformed());
}

TEST_CASE("an element that runs out of its block is malformed in both forms") {
  ExtensionElement element;
  const Octets one = from_hex("12 3031");
  ExtensionIterator one_byte(kOneByteExtensionProfile, one);
  CHECK_FALSE(one_byte.next(element));
  CHECK(one_byte.is_malformed());
  const Octets two = from_hex("01 05 3031");
  ExtensionIterator two_byte(0x1000, two);
  CHECK_FALSE(two_byte.next(element));
  CHECK(two_byte.is_malformed());
  CHECK_FALSE(two_byte.next(element));
}

TEST_CASE("a profile of neither form has no elements") {
  ExtensionElement element;
  const Octets block = from_hex("10300000");
  ExtensionIterator iterator(0xABCD, block);
  CHECK_FALSE(iterator.next(element));
  CHECK_FALSE(iterator.is_malformed());
}

TEST_CASE("two-byte elements are walked, empty ones too, application bits ignored") {
  const auto fields = load_vectors("rtp.hex").at("two_byte_extensions");
  const auto packet = parse_rtp(fields.at("packet"));
  REQUIRE(packet);
  const auto descriptor = find_extension(*packet, kIngress, ExtensionKind::DependencyDescriptor);
  REQUIRE(descriptor);
  CHECK(descriptor->size() == 17);
  const auto orientation = find_extension(*packet, kIngress, ExtensionKind::VideoOrientation);
  REQUIRE(orientation);
  CHECK(orientation->empty());
  CHECK_FALSE(find_extension(*packet, kIngress, ExtensionKind::AudioLevel));
  CHECK_FALSE(find_extension(*packet, kIngress, ExtensionKind::PlayoutDelay));
  ExtensionElement element;
  ExtensionIterator with_application_bits(0x100F, packet->extension);
  CHECK(with_application_bits.next(element));
}

TEST_CASE("ids are translated, hop-by-hop elements replaced, what is not negotiated dropped") {
  // mid "0", transport-cc 0x0102, audio level 0x85, orientation 0x01
  const Octets packet = from_hex("90e40001 00000001 00000002 bede0003 1030 310102 4085 d001 000000 aa");
  const ExtensionMap egress =
      map_of({{2, ExtensionKind::AudioLevel}, {5, ExtensionKind::Mid}, {9, ExtensionKind::TransportCc}});
  const auto out =
      forward(packet, kIngress, egress, {.mid = "v7", .transport_cc = std::uint16_t{0xFFFF}}, false);
  CHECK(out.view.extension_profile == kOneByteExtensionProfile);
  CHECK(std::ranges::equal(out.view.extension, from_hex("51 7637 91 ffff 20 85")));
  CHECK(out.view.payload_type == kHeader.payload_type);
  CHECK(out.view.sequence_number == kHeader.sequence_number);
  const auto level = read_audio_level(*find_extension(out.view, egress, ExtensionKind::AudioLevel));
  REQUIRE(level);
  CHECK(level->is_voice);
  CHECK(level->level == 5);
}

TEST_CASE("the publisher's mid and transport-cc never pass, even where the subscriber negotiated them") {
  const Octets packet = load_vectors("rtp.hex").at("one_byte_extensions").at("packet");
  const auto out = forward(packet, kIngress, kIngress, {}, true);
  CHECK_FALSE(out.view.has_extension);
  CHECK(out.packet.size() == kRtpFixedHeaderBytes);
}

TEST_CASE("checklist 19: a descriptor over 16 bytes goes out in two-byte form where that is allowed") {
  const Octets packet = load_vectors("rtp.hex").at("two_byte_extensions").at("packet");
  const ExtensionMap egress = map_of({{4, ExtensionKind::DependencyDescriptor}, {5, ExtensionKind::Mid}});
  const Octets descriptor = from_hex("800102030405060708090a0b0c0d0e0f10");
  const ExtensionOverrides overrides{.mid = "1", .dependency_descriptor = descriptor};
  const auto mixed = forward(packet, kIngress, egress, overrides, true);
  CHECK(mixed.view.extension_profile == 0x1000);
  CHECK(std::ranges::equal(mixed.view.extension,
                           from_hex("050131 0411 800102030405060708090a0b0c0d0e0f10 0000")));
  // Without extmap-allow-mixed the descriptor has to stay behind; the rest goes out in one-byte form.
  const auto plain = forward(packet, kIngress, egress, overrides, false);
  CHECK(plain.view.extension_profile == kOneByteExtensionProfile);
  CHECK(std::ranges::equal(plain.view.extension, from_hex("50310000")));
}

TEST_CASE(
    "checklist 19: a short descriptor stays in one-byte form; an id over 14 or an empty value needs two") {
  const Octets packet = from_hex("90e40001 00000001 00000002 bede0001 c2800001 aa");
  const ExtensionMap low = map_of({{4, ExtensionKind::DependencyDescriptor}});
  const ExtensionMap high = map_of({{15, ExtensionKind::DependencyDescriptor}});
  const Octets descriptor = from_hex("800001");
  const ExtensionOverrides overrides{.dependency_descriptor = descriptor};
  CHECK(forward(packet, kIngress, low, overrides, true).view.extension_profile == kOneByteExtensionProfile);
  CHECK(forward(packet, kIngress, high, overrides, true).view.extension_profile == 0x1000);
  CHECK_FALSE(forward(packet, kIngress, high, overrides, false).view.has_extension);
}

TEST_CASE("the publisher's descriptor never passes, an override takes its place") {
  const Octets packet = from_hex("90e40001 00000001 00000002 bede0001 c2800001 aa");
  const Octets replacement = from_hex("c00002");
  const ExtensionMap egress = map_of({{4, ExtensionKind::DependencyDescriptor}});
  const auto out = forward(packet, kIngress, egress, {.dependency_descriptor = replacement}, true);
  CHECK(std::ranges::equal(out.view.extension, from_hex("42 c00002")));
}

TEST_CASE("a repeated element goes out once") {
  const Octets packet = from_hex("90e40001 00000001 00000002 bede0001 40854084 aa");
  const ExtensionMap egress = map_of({{4, ExtensionKind::AudioLevel}});
  CHECK(std::ranges::equal(forward(packet, kIngress, egress, {}, true).view.extension, from_hex("40850000")));
}

TEST_CASE("a header that does not fit gives nothing") {
  const auto fields = load_vectors("rtp.hex").at("two_byte_extensions");
  const auto packet = parse_rtp(fields.at("packet"));
  REQUIRE(packet);
  std::array<std::uint8_t, 64> buffer{};
  const std::size_t size =
      write_forwarded_header(*packet, kHeader, kIngress, kIngress, {.mid = "1"}, true, buffer);
  REQUIRE(size != 0);
  for (std::size_t room = 0; room < size; ++room) {
    CHECK(write_forwarded_header(*packet, kHeader, kIngress, kIngress, {.mid = "1"}, true,
                                 MutableBytes(buffer).first(room)) == 0);
  }
}

TEST_CASE("abs-send-time is 6.18 fixed point and wraps after 64 s") {
  CHECK(abs_send_time(0) == 0);
  CHECK(abs_send_time(500'000'000) == 1U << 17U);
  CHECK(abs_send_time(63'999'999'999) == 0xFFFFFF);
  CHECK(abs_send_time(64'000'000'000) == 0);
  const ExtensionMap egress = map_of({{3, ExtensionKind::AbsSendTime}});
  const auto out = forward(from_hex("80e40001 00000001 00000002 aa"), kIngress, egress,
                           {.abs_send_time = 0x010203}, false);
  CHECK(std::ranges::equal(out.view.extension, from_hex("32 010203")));
}
