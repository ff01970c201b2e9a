#include <doctest/doctest.h>

#include "av1.hpp"
#include "codec.hpp"
#include "h264.hpp"
#include "vectors.hpp"
#include "vp8.hpp"
#include "vp9.hpp"

using namespace tandem;
using tandem::testing::load_vectors;
using tandem::testing::number;

namespace {

bool parses(Codec codec, Bytes payload) {
  switch (codec) {
    case Codec::Vp8:
      return parse_vp8(payload).has_value();
    case Codec::Vp9:
      return parse_vp9(payload).has_value();
    case Codec::Av1:
      return parse_av1(payload).has_value();
    case Codec::H264:
      return parse_h264(payload).has_value();
    case Codec::Opus:
    case Codec::Other:
      return true;
  }
  return false;
}

}  // namespace

TEST_CASE("golden payloads: where a decoder may start, and what is malformed") {
  for (const auto& entry : load_vectors("codecs.hex")) {
    const auto& name = entry.first;
    const auto& fields = entry.second;
    CAPTURE(name);
    const auto codec = static_cast<Codec>(number(fields.at("codec")));
    const bool is_malformed = fields.contains("is_malformed");
    CHECK(parses(codec, fields.at("payload")) != is_malformed);
    const bool expected = !is_malformed && number(fields.at("is_keyframe")) != 0;
    CHECK(starts_keyframe(codec, fields.at("payload")) == expected);
  }
}

TEST_CASE("an empty payload starts nothing, but a codec without keyframes starts anywhere") {
  for (const Codec codec : {Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::H264}) {
    CHECK_FALSE(starts_keyframe(codec, {}));
    CHECK_FALSE(parses(codec, {}));
  }
  CHECK(starts_keyframe(Codec::Opus, {}));
}
