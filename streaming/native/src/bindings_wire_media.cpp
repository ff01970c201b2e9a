#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bindings_wire_parts.hpp"
#include "codec.hpp"
#include "crypto_backend.hpp"
#include "demux.hpp"
#include "dependency_descriptor.hpp"
#include "red.hpp"
#include "rtp_extension.hpp"
#include "rtp_packet.hpp"
#include "sequence.hpp"
#include "srtp.hpp"
#include "vp8.hpp"

namespace nb = nanobind;

namespace tandem {

namespace {

SrtpProfile profile_named(std::string_view name) {
  if (name == "AES_CM_128_HMAC_SHA1_80") {
    return SrtpProfile::AesCm128HmacSha1_80;
  }
  if (name == "AEAD_AES_128_GCM") {
    return SrtpProfile::AeadAes128Gcm;
  }
  if (name == "AEAD_AES_256_GCM") {
    return SrtpProfile::AeadAes256Gcm;
  }
  throw nb::value_error("unknown SRTP profile");
}

std::string_view status_name(SrtpStatus status) {
  switch (status) {
    case SrtpStatus::Ok:
      return "ok";
    case SrtpStatus::Malformed:
      return "malformed";
    case SrtpStatus::Replayed:
      return "replayed";
    case SrtpStatus::AuthFailed:
      return "auth_failed";
    case SrtpStatus::TooManySsrcs:
      return "too_many_ssrcs";
    case SrtpStatus::NoSpace:
      return "no_space";
    case SrtpStatus::Exhausted:
      return "exhausted";
  }
  return "";
}

// One of each for the process: the interpreter's lock is theirs too. Null: not here.
CryptoBackend* find_backend(std::string_view library) {
  static const std::unique_ptr<CryptoBackend> kOpenssl = open_openssl_backend();
  static std::string reason;
  static const std::unique_ptr<CryptoBackend> kIpsecMb = open_ipsec_mb_backend(reason);
  return library == "openssl" ? kOpenssl.get() : library == "ipsec-mb" ? kIpsecMb.get() : nullptr;
}

CryptoBackend& backend_of(std::string_view library) {
  CryptoBackend* backend = find_backend(library);
  if (backend == nullptr) {
    throw nb::value_error("no such crypto library here");
  }
  return *backend;
}

std::vector<std::string> crypto_libraries() {
  std::vector<std::string> here;
  for (const char* library : {"openssl", "ipsec-mb"}) {
    if (find_backend(library) != nullptr) {
      here.emplace_back(library);
    }
  }
  return here;
}

// Splits what DTLS exports, key then salt, and makes one end of an association of it.
template <typename End, typename... Arguments>
End make_end(const std::string& profile_name, const nb::bytes& key_and_salt, const std::string& library,
             Arguments... arguments) {
  const SrtpProfile profile = profile_named(profile_name);
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  const Bytes material = view(key_and_salt);
  if (material.size() != sizes.key_bytes + sizes.salt_bytes) {
    throw nb::value_error("key and salt have the wrong size for the profile");
  }
  auto end = End::create(backend_of(library), profile, material.first(sizes.key_bytes),
                         material.subspan(sizes.key_bytes), arguments...);
  if (!end) {
    throw nb::value_error("the key was refused");
  }
  return std::move(*end);
}

// (status, packet, index); the packet is empty unless the status is "ok".
nb::tuple outcome(const SrtpResult& result, const Buffer& out) {
  return nb::make_tuple(to_str(status_name(result.status)),
                        to_bytes(Bytes(out).first(result.ok() ? result.length : 0)), result.index);
}

}  // namespace

void bind_srtp(nb::module_& wire) {
  nb::class_<SrtpReceiver>(wire, "SrtpReceiver")
      .def("unprotect_rtp",
           [](SrtpReceiver& receiver, const nb::bytes& packet) {
             Buffer out(packet.size());
             return outcome(receiver.unprotect_rtp(view(packet), out), out);
           })
      .def("unprotect_rtcp",
           [](SrtpReceiver& receiver, const nb::bytes& packet) {
             Buffer out(packet.size());
             return outcome(receiver.unprotect_rtcp(view(packet), out), out);
           })
      .def("roll_over_counter", &SrtpReceiver::roll_over_counter)
      .def("ssrc_count", &SrtpReceiver::ssrc_count);
  nb::class_<SrtpSender>(wire, "SrtpSender")
      .def("protect_rtp",
           [](SrtpSender& sender, const nb::bytes& header, const std::vector<nb::bytes>& payload_parts,
              std::uint32_t roc) {
             std::vector<Bytes> parts;
             std::size_t size = header.size() + kMaxSrtpGrowthBytes;
             for (const nb::bytes& part : payload_parts) {
               parts.push_back(view(part));
               size += part.size();
             }
             Buffer out(size);
             return outcome(sender.protect_rtp(view(header), parts, roc, out, nullptr), out);
           })
      .def("protect_rtcp", [](SrtpSender& sender, const nb::bytes& compound) {
        Buffer out(compound.size() + kMaxSrtpGrowthBytes);
        return outcome(sender.protect_rtcp(view(compound), out), out);
      });
  wire.def("crypto_libraries", &crypto_libraries);
  wire.def(
      "srtp_receiver",
      [](const std::string& profile, const nb::bytes& key_and_salt, std::size_t max_ssrcs,
         const std::string& library) {
        return make_end<SrtpReceiver>(profile, key_and_salt, library, max_ssrcs);
      },
      nb::arg("profile"), nb::arg("key_and_salt"), nb::arg("max_ssrcs"), nb::arg("library") = "openssl");
  wire.def(
      "srtp_sender",
      [](const std::string& profile, const nb::bytes& key_and_salt, const std::string& library) {
        return make_end<SrtpSender>(profile, key_and_salt, library);
      },
      nb::arg("profile"), nb::arg("key_and_salt"), nb::arg("library") = "openssl");
}

namespace {

nb::object parsed_rtp(const nb::bytes& packet) {
  const auto parsed = parse_rtp(view(packet));
  if (!parsed) {
    return nb::none();
  }
  nb::list elements;
  ExtensionIterator iterator(*parsed);
  ExtensionElement element;
  while (iterator.next(element)) {
    elements.append(nb::make_tuple(element.id, to_bytes(element.value)));
  }
  nb::dict fields;
  fields["payload_type"] = parsed->payload_type;
  fields["marker"] = parsed->marker;
  fields["sequence_number"] = parsed->sequence_number;
  fields["timestamp"] = parsed->timestamp;
  fields["ssrc"] = parsed->ssrc;
  fields["csrc_count"] = parsed->csrc_count;
  fields["has_extension"] = parsed->has_extension;
  fields["extension_profile"] = parsed->extension_profile;
  fields["extension"] = to_bytes(parsed->extension);
  fields["elements"] = elements;
  fields["is_extension_malformed"] = iterator.is_malformed();
  fields["payload"] = to_bytes(parsed->payload);
  fields["padding_bytes"] = parsed->padding_bytes;
  return fields;
}

ExtensionMap extension_map(const nb::dict& ids) {
  ExtensionMap map;
  for (const auto& [kind, id] : ids) {
    if (!map.add(nb::cast<std::uint8_t>(id), static_cast<ExtensionKind>(nb::cast<std::uint8_t>(kind)))) {
      throw nb::value_error("an id or a kind is taken twice");
    }
  }
  return map;
}

// The header of a forwarded packet: `ingress` and `egress` map extension kind to id.
nb::bytes forwarded_header(const nb::bytes& packet, std::uint8_t payload_type, std::uint16_t sequence_number,
                           std::uint32_t timestamp, std::uint32_t ssrc, const nb::dict& ingress,
                           const nb::dict& egress, const std::string& mid,
                           std::optional<std::uint16_t> transport_cc, bool allow_two_byte) {
  const auto parsed = parse_rtp(view(packet));
  if (!parsed) {
    return to_bytes({});
  }
  Buffer out(kBufferBytes);
  const RtpHeader header{.payload_type = payload_type,
                         .marker = parsed->marker,
                         .sequence_number = sequence_number,
                         .timestamp = timestamp,
                         .ssrc = ssrc};
  const ExtensionOverrides overrides{.mid = mid, .transport_cc = transport_cc};
  const std::size_t size = write_forwarded_header(*parsed, header, extension_map(ingress),
                                                  extension_map(egress), overrides, allow_two_byte, out);
  return to_bytes(Bytes(out).first(size));
}

}  // namespace

void bind_rtp(nb::module_& wire) {
  wire.def("parse_rtp", parsed_rtp);
  wire.def("forwarded_header", forwarded_header);
  wire.def("extension_kind",
           [](const std::string& uri) { return static_cast<std::uint8_t>(extension_kind(uri)); });
  wire.def("classify_datagram", [](const nb::bytes& datagram) {
    constexpr std::array<std::string_view, 7> kNames{"stun", "zrtp", "dtls",   "turn_channel",
                                                     "rtp",  "rtcp", "unknown"};
    return to_str(kNames.at(static_cast<std::size_t>(classify_datagram(view(datagram)))));
  });
  wire.def("unwrap", [](const std::vector<std::uint16_t>& values) {
    SequenceUnwrapper unwrapper;
    std::vector<std::int64_t> extended;
    extended.reserve(values.size());
    for (const std::uint16_t value : values) {
      extended.push_back(unwrapper.unwrap(value));
    }
    return extended;
  });
  wire.def("serial_distance", &serial_distance<std::uint16_t>);
  wire.def("serial_distance_32", &serial_distance<std::uint32_t>);
}

namespace {

// The structure of a keyframe's descriptor.
std::optional<DependencyStructure> structure_of(const nb::bytes& keyframe) {
  std::optional<DependencyStructure> brought;
  const auto descriptor = parse_dependency_descriptor(view(keyframe), nullptr, brought);
  return descriptor ? brought : std::nullopt;
}

nb::object parsed_descriptor(const nb::bytes& keyframe, const nb::bytes& value) {
  const std::optional<DependencyStructure> known = structure_of(keyframe);
  std::optional<DependencyStructure> brought;
  const auto descriptor = parse_dependency_descriptor(view(value), known ? &*known : nullptr, brought);
  if (!descriptor) {
    return nb::none();
  }
  nb::list indications;
  for (std::size_t target = 0; target < kMaxDecodeTargets; ++target) {
    indications.append(static_cast<std::uint8_t>(descriptor->indications.of(target)));
  }
  nb::list references;
  for (std::size_t i = 0; i < descriptor->references.count; ++i) {
    references.append(descriptor->references.differences.at(i));
  }
  nb::dict fields;
  fields["frame_number"] = descriptor->frame_number;
  fields["layer"] = nb::make_tuple(descriptor->layer.spatial, descriptor->layer.temporal);
  fields["indications"] = indications;
  fields["references"] = references;
  fields["active_targets"] = descriptor->active_targets;
  fields["targets"] = nb::none();
  if (brought) {
    nb::list targets;
    for (std::size_t target = 0; target < brought->target_count; ++target) {
      targets.append(
          nb::make_tuple(brought->targets.at(target).spatial, brought->targets.at(target).temporal));
    }
    fields["targets"] = targets;
  }
  return fields;
}

// `value` with its numbers shifted, read by the structure of `keyframe`; empty if it cannot be read.
nb::bytes rewritten_descriptor(const nb::bytes& keyframe, const nb::bytes& value, std::uint16_t frame_number,
                               std::uint8_t template_id, std::optional<std::uint32_t> active_targets) {
  const std::optional<DependencyStructure> structure = structure_of(keyframe);
  Buffer out(kMaxDescriptorBytes);
  const DescriptorShift shift{.frame_number = frame_number,
                              .template_id = template_id,
                              .states_targets = active_targets.has_value(),
                              .active_targets = active_targets.value_or(0)};
  const std::size_t length = structure ? write_dependency_descriptor(view(value), *structure, shift, out) : 0;
  return to_bytes(Bytes(out).first(length));
}

}  // namespace

void bind_codecs(nb::module_& wire) {
  wire.def("parse_dependency_descriptor", parsed_descriptor);
  wire.def("rewrite_dependency_descriptor", rewritten_descriptor, nb::arg("keyframe"), nb::arg("value"),
           nb::arg("frame_number"), nb::arg("template_id"), nb::arg("active_targets").none());
  wire.def("starts_keyframe", [](std::uint8_t codec, const nb::bytes& payload) {
    return starts_keyframe(static_cast<Codec>(codec), view(payload));
  });
  // (payload type, ticks, payload) of each block, the primary last.
  wire.def("parse_red", [](const nb::bytes& payload) -> nb::object {
    const auto red = parse_red(view(payload));
    if (!red) {
      return nb::none();
    }
    nb::list blocks;
    for (const RedBlock& block : red->redundant()) {
      blocks.append(nb::make_tuple(block.payload_type, block.ticks, to_bytes(block.payload)));
    }
    blocks.append(
        nb::make_tuple(red->primary.payload_type, red->primary.ticks, to_bytes(red->primary.payload)));
    return blocks;
  });
  wire.def("parse_vp8", [](const nb::bytes& payload) -> nb::object {
    const auto descriptor = parse_vp8(view(payload));
    if (!descriptor) {
      return nb::none();
    }
    nb::dict fields;
    fields["length"] = descriptor->length;
    fields["picture_id_width"] = static_cast<std::uint8_t>(descriptor->picture_id_width);
    fields["picture_id"] = descriptor->picture_id;
    fields["has_tl0picidx"] = descriptor->has_tl0picidx;
    fields["tl0picidx"] = descriptor->tl0picidx;
    fields["temporal_layer"] = descriptor->temporal_layer;
    fields["starts_frame"] = descriptor->starts_frame();
    fields["is_keyframe"] = descriptor->is_keyframe;
    return fields;
  });
  // The whole payload with its descriptor rewritten; empty if it is malformed.
  wire.def("rewrite_vp8", [](const nb::bytes& payload, std::uint16_t picture_id, std::uint8_t tl0picidx) {
    const auto descriptor = parse_vp8(view(payload));
    Buffer out(view(payload).begin(), view(payload).end());
    if (!descriptor) {
      return to_bytes({});
    }
    write_picture_numbers(descriptor->numbers(), view(payload), picture_id, tl0picidx, out);
    return to_bytes(out);
  });
}

}  // namespace tandem
