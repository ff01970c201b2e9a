#include "transport.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "subscription.hpp"

namespace tandem {

namespace {

struct SplitKey {
  Bytes key;
  Bytes salt;
};

// Master key, then master salt; empty spans when the size is wrong.
SplitKey split(SrtpProfile profile, const std::vector<std::uint8_t>& joined) noexcept {
  const SrtpProfileSizes sizes = srtp_sizes(profile);
  if (joined.size() != sizes.key_bytes + sizes.salt_bytes) {
    return {};
  }
  return {.key = Bytes(joined).first(sizes.key_bytes), .salt = Bytes(joined).subspan(sizes.key_bytes)};
}

ExtensionKey key_of(const TransportSpec& spec) noexcept {
  std::array<std::uint8_t, kExtensionKinds> ids = spec.extensions.ids();
  ids[0] = spec.extmap_allow_mixed ? 1 : 0;
  return std::bit_cast<ExtensionKey>(ids);
}

}  // namespace

bool Transport::apply(TransportSpec spec, CryptoBackend& crypto) {
  bool fits = true;
  if (!spec.srtp) {
    receiver_.reset();
    sender_.reset();
  } else if (spec.srtp != spec_.srtp) {
    const SplitKey remote = split(spec.srtp->profile, spec.srtp->remote);
    const SplitKey local = split(spec.srtp->profile, spec.srtp->local);
    receiver_ = SrtpReceiver::create(crypto, spec.srtp->profile, remote.key, remote.salt);
    sender_ = SrtpSender::create(crypto, spec.srtp->profile, local.key, local.salt);
    fits = receiver_.has_value() && sender_.has_value();
  }
  spec_ = std::move(spec);
  numbers_packets_ = spec_.extensions.has(ExtensionKind::TransportCc);
  if (const ExtensionKey key = key_of(spec_); key != extension_key_) {
    extension_key_ = key;
    ++layout_;
  }
  return fits;
}

std::optional<Path> Transport::handle_check(const Path& path, std::int64_t now_ns) {
  last_check_ns_ = now_ns;
  expired_ = false;
  std::optional<Path> forgotten;
  const auto known = std::ranges::find(paths_, path, &ValidatedPath::path);
  if (known != paths_.end()) {
    paths_.erase(known);
  } else if (paths_.size() == kMaxPaths) {
    // Oldest first; the nominated one stays.
    const auto oldest =
        std::ranges::find_if(paths_, [&](const ValidatedPath& p) { return p.path != nominated_; });
    forgotten = oldest->path;
    paths_.erase(oldest);
  }
  paths_.push_back({.path = path, .last_check_ns = now_ns});
  return forgotten;
}

void Transport::handle_authentic_media(std::int64_t now_ns) noexcept {
  if (subscriptions_.empty() && !expired_) {
    last_check_ns_ = now_ns;
  }
}

bool Transport::nominate(const Path& path) {
  if (nominated_ == path) {
    return false;
  }
  nominated_ = path;
  return true;
}

void Transport::forget(const Path& path) noexcept {
  std::erase_if(paths_, [&](const ValidatedPath& known) { return known.path == path; });
  if (nominated_ == path) {
    nominated_.reset();
  }
}

bool Transport::take_expired(std::int64_t now_ns) noexcept {
  if (expired_ || spec_.is_mirror || now_ns - last_check_ns_ < kConsentNs) {
    return false;
  }
  expired_ = true;
  nominated_.reset();
  return true;
}

const Path* Transport::reply_path() const noexcept {
  if (nominated_) {
    return &*nominated_;
  }
  return paths_.empty() || expired_ ? nullptr : &paths_.back().path;
}

void Transport::commit(DatagramSink& sink, std::size_t length) {
  if (pacing_) {
    sink.limit_message(pacing_->most_message_bytes());
  }
  sink.commit(length);
  ++statistics.sent_packets;
  statistics.sent_bytes += length;
}

bool Transport::send_rtcp(Bytes compound, DatagramSink& sink, Counters& counters) {
  if (!can_send()) {
    counters.add(Counter::EgressDropNoAddress);
    return false;
  }
  const MutableBytes out = sink.reserve(*nominated_);
  if (out.empty()) {
    return false;
  }
  const SrtpResult sealed = sender_->protect_rtcp(compound, out);
  if (!sealed.ok()) {
    counters.add(Counter::EgressDropProtect);
    return false;
  }
  commit(sink, sealed.length);
  counters.add(Counter::OutRtcp);
  return true;
}

const SsrcBinding* Transport::find_binding(std::uint32_t ssrc) const noexcept {
  const auto found = std::ranges::find(bindings_, ssrc, &SsrcBinding::ssrc);
  return found == bindings_.end() ? nullptr : &*found;
}

void Transport::bind(std::uint32_t ssrc, Track& track, bool is_rtx) {
  // A new SSRC of the same stream takes the place of the old one: an encoder was restarted.
  std::erase_if(bindings_, [&](const SsrcBinding& known) {
    return known.ssrc == ssrc || (known.track == &track && known.is_rtx == is_rtx);
  });
  if (bindings_.size() < kMaxBindings) {
    bindings_.push_back({.ssrc = ssrc, .track = &track, .is_rtx = is_rtx});
  }
}

void Transport::unbind(const Track& track) noexcept {
  std::erase_if(bindings_, [&](const SsrcBinding& known) { return known.track == &track; });
}

Subscription* Transport::find_subscription(std::uint32_t ssrc) const noexcept {
  const auto found =
      std::ranges::find_if(subscriptions_, [&](const Subscription* s) { return s->spec().ssrc == ssrc; });
  return found == subscriptions_.end() ? nullptr : *found;
}

std::optional<std::int64_t> Transport::retired(std::uint32_t ssrc) const {
  const auto found = retired_.find(ssrc);
  return found == retired_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace tandem
