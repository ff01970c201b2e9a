// The extension module `streaming._dataplane`: integers and bytes across, nothing per packet. This file and
// bindings_wire.cpp alone know Python.
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings_wire.hpp"
#include "socket_address.hpp"
#include "worker_group.hpp"

namespace nb = nanobind;

namespace tandem {
namespace {

using SocketName = std::pair<std::string, int>;
using CredentialsTuple = std::tuple<std::string, std::string, std::string>;
using SrtpTuple = std::tuple<std::string, nb::bytes, nb::bytes>;
using FormatTuple = std::tuple<int, int, int, int>;

Address to_address(const SocketName& name) {
  Address address;
  if (name.second < 0 || name.second > 0xFFFF ||
      !parse_address(name.first, static_cast<std::uint16_t>(name.second), address)) {
    throw std::invalid_argument("not an IP address and port: " + name.first);
  }
  return address;
}

std::vector<std::uint8_t> to_vector(const nb::bytes& bytes) {
  const auto* data = static_cast<const std::uint8_t*>(bytes.data());
  return {data, data + bytes.size()};
}

nb::bytes to_bytes(const std::vector<std::uint8_t>& bytes) {
  return nb::bytes(bytes.data(), bytes.size());
}

SrtpKeys to_keys(const SrtpTuple& srtp) {
  static const std::map<std::string, SrtpProfile> kProfiles{
      {"AEAD_AES_128_GCM", SrtpProfile::AeadAes128Gcm},
      {"AEAD_AES_256_GCM", SrtpProfile::AeadAes256Gcm},
      {"AES_CM_128_HMAC_SHA1_80", SrtpProfile::AesCm128HmacSha1_80},
  };
  const auto found = kProfiles.find(std::get<0>(srtp));
  if (found == kProfiles.end()) {
    throw std::invalid_argument("unknown SRTP profile: " + std::get<0>(srtp));
  }
  SrtpKeys keys{.profile = found->second,
                .local = to_vector(std::get<1>(srtp)),
                .remote = to_vector(std::get<2>(srtp))};
  const SrtpProfileSizes sizes = srtp_sizes(keys.profile);
  const std::size_t expected = sizes.key_bytes + sizes.salt_bytes;
  if (keys.local.size() != expected || keys.remote.size() != expected) {
    throw std::invalid_argument("SRTP key and salt must together be " + std::to_string(expected) + " bytes");
  }
  return keys;
}

ExtensionMap to_extensions(const std::map<int, int>& extensions) {
  ExtensionMap map;
  for (const auto& [kind, id] : extensions) {
    const bool fits = kind > 0 && kind < static_cast<int>(kExtensionKinds) && id > 0 && id < 256;
    if (!fits || !map.add(static_cast<std::uint8_t>(id), static_cast<ExtensionKind>(kind))) {
      throw std::invalid_argument("bad header extension: kind " + std::to_string(kind) + ", id " +
                                  std::to_string(id));
    }
  }
  return map;
}

std::int16_t to_payload_type(int value) {
  if (value < -1 || value > 127) {
    throw std::invalid_argument("not a payload type: " + std::to_string(value));
  }
  return static_cast<std::int16_t>(value);
}

Codec to_codec(int value) {
  if (value < 1 || value > static_cast<int>(Codec::H264)) {
    throw std::invalid_argument("not a codec: " + std::to_string(value));
  }
  return static_cast<Codec>(value);
}

MediaKind to_kind(int value) {
  if (value != 0 && value != 1) {
    throw std::invalid_argument("not a media kind: " + std::to_string(value));
  }
  return static_cast<MediaKind>(value);
}

std::uint8_t to_layer(int value) {
  if (value < 0 || value > kMaxLayer) {
    throw std::invalid_argument("not a layer: " + std::to_string(value));
  }
  return static_cast<std::uint8_t>(value);
}

class Tap {
 public:
  explicit Tap(std::shared_ptr<TapRing> ring) noexcept : ring_(std::move(ring)) {}
  ~Tap() { ring_->close(); }
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;
  [[nodiscard]] TapRing& ring() const noexcept { return *ring_; }

 private:
  std::shared_ptr<TapRing> ring_;
};

std::unique_ptr<WorkerGroup> open_worker(const std::vector<SocketName>& sockets, std::size_t workers,
                                         std::size_t events_limit) {
  constexpr std::size_t kMostWorkers = 64;
  if (workers < 1 || workers > kMostWorkers) {
    throw std::invalid_argument("from 1 to 64 packet workers");
  }
  std::vector<Address> addresses;
  for (const SocketName& name : sockets) {
    addresses.push_back(to_address(name));
  }
  return std::make_unique<WorkerGroup>(addresses, workers, events_limit);
}

nb::tuple to_event(const Event& event) {
  const auto kind = static_cast<int>(event.kind);
  switch (event.kind) {
    case EventKind::Datagram:
      return nb::make_tuple(kind, event.id, to_bytes(event.bytes));
    case EventKind::Nominated:
      return nb::make_tuple(kind, event.id,
                            nb::make_tuple(format_address(event.address), event.address.port));
    case EventKind::Expired:
    case EventKind::Bound:
    case EventKind::AudioLevel:
    case EventKind::Keyframe:
    case EventKind::Bye:
      break;
  }
  return nb::make_tuple(kind, event.id, event.number);
}

nb::list take_events(WorkerGroup& worker, std::size_t limit) {
  nb::list events;
  for (const Event& event : worker.events().take(limit)) {
    events.append(to_event(event));
  }
  return events;
}

bool send_datagram(WorkerGroup& worker, TransportId id, const nb::bytes& data) {
  std::vector<std::uint8_t> copy = to_vector(data);
  const nb::gil_scoped_release release;
  return worker.send_datagram(id, std::move(copy));
}

void set_transport(WorkerGroup& worker, TransportId id, const std::vector<CredentialsTuple>& credentials,
                   const std::optional<SrtpTuple>& srtp, const std::map<int, int>& extensions,
                   bool extmap_allow_mixed, std::string cname, bool transport_cc) {
  if (credentials.size() > 2) {
    throw std::invalid_argument("at most two generations of ICE credentials");
  }
  TransportSpec spec;
  for (const auto& [local_ufrag, local_pwd, remote_ufrag] : credentials) {
    spec.credentials.push_back(
        {.local_ufrag = local_ufrag, .local_pwd = local_pwd, .remote_ufrag = remote_ufrag});
  }
  if (srtp) {
    spec.srtp = to_keys(*srtp);
  }
  spec.extensions = to_extensions(extensions);
  spec.extmap_allow_mixed = extmap_allow_mixed;
  spec.cname = std::move(cname);
  spec.transport_cc = transport_cc;
  const nb::gil_scoped_release release;
  worker.set_transport(id, std::move(spec));
}

void set_track(WorkerGroup& worker, TrackId id, TransportId transport, std::uint64_t source, int kind,
               int codec, std::uint32_t clock_rate_hz, int payload_type, int rtx_payload_type,
               int red_payload_type, std::uint32_t ssrc, std::uint32_t rtx_ssrc, std::string mid,
               std::string rid, bool nack, bool pli, bool fir, bool forbidden, std::uint64_t speaker_group,
               std::uint8_t speaker_limit) {
  if (id == kNoTrack || clock_rate_hz == 0) {
    throw std::invalid_argument("a track needs a positive id and clock rate");
  }
  TrackSpec spec{.transport = transport,
                 .source = source,
                 .kind = to_kind(kind),
                 .codec = to_codec(codec),
                 .clock_rate_hz = clock_rate_hz,
                 .payload_type = to_payload_type(payload_type),
                 .rtx_payload_type = to_payload_type(rtx_payload_type),
                 .red_payload_type = to_payload_type(red_payload_type),
                 .ssrc = ssrc,
                 .rtx_ssrc = rtx_ssrc,
                 .mid = std::move(mid),
                 .rid = std::move(rid),
                 .nack = nack,
                 .pli = pli,
                 .fir = fir,
                 .forbidden = forbidden,
                 .speaker_group = speaker_group,
                 .speaker_limit = speaker_limit};
  const nb::gil_scoped_release release;
  worker.set_track(id, std::move(spec));
}

void set_subscription(WorkerGroup& worker, SubscriptionId id, TransportId transport, TrackId track, int kind,
                      std::uint32_t ssrc, std::uint32_t rtx_ssrc, std::string mid,
                      const std::vector<FormatTuple>& formats, std::string cname, bool paused,
                      int spatial_layer, int temporal_layer) {
  SubscriptionSpec spec{.transport = transport,
                        .track = track,
                        .kind = to_kind(kind),
                        .ssrc = ssrc,
                        .rtx_ssrc = rtx_ssrc,
                        .mid = std::move(mid),
                        .formats = {},
                        .cname = std::move(cname),
                        .paused = paused,
                        .layers = {.spatial = to_layer(spatial_layer), .temporal = to_layer(temporal_layer)}};
  for (const auto& [codec, payload_type, rtx_payload_type, red_payload_type] : formats) {
    spec.formats.push_back({.codec = to_codec(codec),
                            .payload_type = static_cast<std::uint8_t>(to_payload_type(payload_type)),
                            .rtx_payload_type = to_payload_type(rtx_payload_type),
                            .red_payload_type = to_payload_type(red_payload_type)});
  }
  const nb::gil_scoped_release release;
  worker.set_subscription(id, std::move(spec));
}

void set_pacing(WorkerGroup& worker, TransportId id, std::int64_t bits_per_s) {
  if (bits_per_s != 0 && (bits_per_s < Pacer::kLeastBitsPerS || bits_per_s > Pacer::kMostBitsPerS)) {
    throw std::invalid_argument("a pace is 0 or from 50 kbit/s to 1 Gbit/s");
  }
  const nb::gil_scoped_release release;
  worker.set_pacing(id, bits_per_s);
}

void probe(WorkerGroup& worker, TransportId id, std::int64_t bits_per_s, std::int64_t duration_ms) {
  const std::int64_t duration_ns =
      duration_ms > 0 && duration_ms <= Pacer::kMostProbeNs / kMillisecond ? duration_ms * kMillisecond : 0;
  if (bits_per_s <= 0 || bits_per_s > Pacer::kMostProbeBitsPerS || duration_ns == 0) {
    throw std::invalid_argument("a probe has at most 100 Mbit/s and lasts at most a second");
  }
  const nb::gil_scoped_release release;
  worker.probe(id, bits_per_s, duration_ns);
}

std::unique_ptr<Tap> open_tap(WorkerGroup& worker, TrackId track, std::size_t ring_bytes) {
  constexpr std::size_t kLargestRing = 1U << 30U;
  if (ring_bytes == 0 || ring_bytes > kLargestRing) {
    throw std::invalid_argument("a tap's ring is at least 1 byte and at most 1 GiB");
  }
  auto ring = std::make_shared<TapRing>(ring_bytes);
  const nb::gil_scoped_release release;
  worker.open_tap(track, ring);
  return std::make_unique<Tap>(std::move(ring));
}

std::map<std::string, std::uint64_t> counters(const WorkerGroup& worker) {
  std::map<std::string, std::uint64_t> values;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    values.emplace(kCounterNames[i], worker.count(static_cast<Counter>(i)));
  }
  return values;
}

std::vector<SocketName> addresses(const WorkerGroup& worker) {
  std::vector<SocketName> names;
  for (const Address& address : worker.addresses()) {
    names.emplace_back(format_address(address), address.port);
  }
  return names;
}

void bind_worker(nb::module_& module) {
  using namespace nb::literals;
  const auto release = nb::call_guard<nb::gil_scoped_release>();
  nb::class_<Tap>(module, "Tap")
      .def(
          "take",
          [](const Tap& tap, std::size_t limit_bytes) { return to_bytes(tap.ring().take(limit_bytes)); },
          "limit_bytes"_a)
      .def("overflows", [](const Tap& tap) { return tap.ring().overflows(); })
      .def("close", [](const Tap& tap) { tap.ring().close(); });
  nb::class_<WorkerGroup>(module, "Worker")
      .def(nb::new_(&open_worker), "sockets"_a, nb::kw_only(), "workers"_a = 1, "events_limit"_a = 65536)
      .def("addresses", &addresses)
      .def("fileno", [](WorkerGroup& worker) { return worker.events().notifier(); })
      .def("take_events", &take_events, "limit"_a)
      .def("send_datagram", &send_datagram, "transport"_a, "data"_a)
      .def("set_transport", &set_transport, "id"_a, nb::kw_only(), "credentials"_a, "srtp"_a.none(),
           "extensions"_a, "extmap_allow_mixed"_a, "cname"_a, "transport_cc"_a)
      .def("remove_transport", &WorkerGroup::remove_transport, "id"_a, release)
      .def("set_track", &set_track, "id"_a, nb::kw_only(), "transport"_a, "source"_a, "kind"_a, "codec"_a,
           "clock_rate_hz"_a, "payload_type"_a, "rtx_payload_type"_a, "red_payload_type"_a, "ssrc"_a,
           "rtx_ssrc"_a, "mid"_a, "rid"_a, "nack"_a, "pli"_a, "fir"_a, "forbidden"_a, "speaker_group"_a,
           "speaker_limit"_a)
      .def("remove_track", &WorkerGroup::remove_track, "id"_a, release)
      .def("set_subscription", &set_subscription, "id"_a, nb::kw_only(), "transport"_a, "track"_a, "kind"_a,
           "ssrc"_a, "rtx_ssrc"_a, "mid"_a, "formats"_a, "cname"_a, "paused"_a, "spatial_layer"_a,
           "temporal_layer"_a)
      .def("remove_subscription", &WorkerGroup::remove_subscription, "id"_a, release)
      .def("request_keyframe", &WorkerGroup::request_keyframe, "track"_a, release)
      .def("set_pacing", &set_pacing, "transport"_a, "bits_per_s"_a)
      .def("probe", &probe, "transport"_a, "bits_per_s"_a, "duration_ms"_a)
      .def("open_tap", &open_tap, "track"_a, "ring_bytes"_a)
      .def("counters", &counters)
      .def("crypto_name", &WorkerGroup::crypto_name)
      .def("transport_stats", &WorkerGroup::transport_figures, "id"_a, release)
      .def("track_stats", &WorkerGroup::track_figures, "id"_a, release)
      .def("subscription_stats", &WorkerGroup::subscription_figures, "id"_a, release)
      .def("close", &WorkerGroup::close, release);
}

}  // namespace
}  // namespace tandem

NB_MODULE(_dataplane, module) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const std::system_error& error) {
      const nb::object arguments = nb::make_tuple(error.code().value(), error.what());
      PyErr_SetObject(PyExc_OSError, arguments.ptr());
    }
  });
  tandem::bind_worker(module);
  module.def("crypto_choice", [] {
    const tandem::CryptoChoice choice = tandem::choose_crypto_backend();
    return nb::make_tuple(choice.backend->name(), choice.advice);
  });
  tandem::bind_wire(module);
}
