// A lesson in virtual time whose picture has layers.
#pragma once

#include <string>
#include <vector>

#include "virtual_lesson.hpp"
#include "vp9.hpp"

namespace tandem::test {

using Numbers = std::vector<std::int64_t>;
using Octets = std::vector<std::uint8_t>;

inline constexpr std::uint8_t kDescriptorId = 8;

// Publishes frames of one packet per spatial layer and says what came out.
class LayeredLesson : public VirtualLesson {
 public:
  explicit LayeredLesson(Codec codec, bool rtx = true) : VirtualLesson(rtx), codec_(codec) {
    for (const Peer* peer : {&publisher, &subscriber}) {
      TransportSpec spec = peer->spec(true);
      spec.extensions.add(kDescriptorId, ExtensionKind::DependencyDescriptor);
      spec.extmap_allow_mixed = true;
      dataplane.set_transport(peer->transport, spec, now_ns);
    }
    TrackSpec spec = picture_spec();
    spec.codec = codec;
    set_picture(spec);
    want(kAllLayers);
  }

  void want(LayerId layers, TrackId track = kPicture) {
    SubscriptionSpec spec = subscription_spec(track);
    spec.formats = {{.codec = codec_,
                     .payload_type = 120,
                     .rtx_payload_type = static_cast<std::int16_t>(has_rtx ? 121 : -1)}};
    spec.layers = layers;
    dataplane.set_subscription(1, spec, now_ns);
  }

  void packet(const Octets& payload, bool marker = true, std::string descriptor = {}) {
    lose();
    OutgoingRtp packet{.ssrc = kPictureSsrc,
                       .sequence_number = number,
                       .timestamp = static_cast<std::uint32_t>(picture * 3000),
                       .payload = payload,
                       .marker = marker,
                       .extensions = {}};
    if (!descriptor.empty()) {
      packet.extensions = {{.id = kDescriptorId, .value = std::move(descriptor)}};
    }
    publish(packet);
  }
  void lose() { ++number; }

  // A VP8 frame of one packet.
  void vp8_frame(std::uint8_t temporal, bool sync = false, bool keyframe = false) {
    ++picture;
    packet(vp8_payload(temporal, sync, keyframe));
  }
  [[nodiscard]] Octets vp8_payload(std::uint8_t temporal, bool sync, bool keyframe) {
    tl0_ = static_cast<std::uint8_t>(tl0_ + (temporal == 0 ? 1 : 0));
    return {0x90,
            0xE0,
            static_cast<std::uint8_t>(0x80U | ((picture >> 8) & 0x7F)),
            static_cast<std::uint8_t>(picture),
            tl0_,
            static_cast<std::uint8_t>((temporal << 6U) | (sync ? 0x20U : 0U)),
            static_cast<std::uint8_t>(keyframe ? 0x10 : 0x11),
            9};
  }
  // A VP9 layer frame of one packet, non-flexible.
  void vp9_layer(LayerId id, bool refers_back, bool switch_up = false, bool last = true) {
    const bool is_upper = id.spatial > 0;
    packet(
        {static_cast<std::uint8_t>(0xAC | (refers_back ? 0x40 : 0)), 0x80, static_cast<std::uint8_t>(picture),
         static_cast<std::uint8_t>((id.temporal << 5U) | (switch_up ? 0x10U : 0U) | (id.spatial << 1U) |
                                   (is_upper ? 1U : 0U)),
         7, 1, 2, 3},
        last);
  }
  void vp9_picture(std::uint8_t temporal, std::uint8_t spatial_count, bool keyframe, bool switch_up = false) {
    ++picture;
    for (std::uint8_t spatial = 0; spatial < spatial_count; ++spatial) {
      vp9_layer({.spatial = spatial, .temporal = temporal}, !keyframe, switch_up,
                spatial + 1 == spatial_count);
    }
  }

  [[nodiscard]] std::vector<const Opened*> out() const { return subscriber.of(kOutSsrc); }
  [[nodiscard]] bool is_contiguous() const {
    const Numbers numbers = got();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != static_cast<std::int64_t>(i)) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] std::vector<int> temporal_layers() const {
    std::vector<int> layers;
    for (const Opened* packet : out()) {
      layers.push_back(codec_ == Codec::Vp8 ? parse_vp8(packet->view.payload)->temporal_layer
                                            : parse_vp9(packet->view.payload)->temporal_layer);
    }
    return layers;
  }

  std::int64_t number = 65'530;
  std::int64_t picture = 100;

 private:
  Codec codec_;
  std::uint8_t tl0_ = 0;
};

inline constexpr LayerId kLowestRate{.spatial = kMaxLayer, .temporal = 0};

}  // namespace tandem::test
