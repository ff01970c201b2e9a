// Counters with names. One writer (the worker's thread), any number of readers.
//
// Identity, held by tests: in_datagrams = sum of accepted_* + sum of drop_*.  docs/dataplane.md explains each
// name.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tandem {

// X(enumerator, "name"): the one declaration from which enum, names and snapshot derive.
#define TANDEM_COUNTERS(X)                                            \
  X(InDatagrams, "in_datagrams")                                      \
  X(InBytes, "in_bytes")                                              \
  X(AcceptedRtp, "accepted_rtp")                                      \
  X(AcceptedRtpPadding, "accepted_rtp_padding")                       \
  X(AcceptedRtx, "accepted_rtx")                                      \
  X(AcceptedRtxProbe, "accepted_rtx_probe")                           \
  X(AcceptedRtcp, "accepted_rtcp")                                    \
  X(AcceptedStun, "accepted_stun")                                    \
  X(AcceptedStunIndication, "accepted_stun_indication")               \
  X(AcceptedDtls, "accepted_dtls")                                    \
  X(DropTruncated, "drop_truncated")                                  \
  X(DropUnknownProtocol, "drop_unknown_protocol")                     \
  X(DropUnknownAddress, "drop_unknown_address")                       \
  X(DropNoKeys, "drop_no_keys")                                       \
  X(DropStunMalformed, "drop_stun_malformed")                         \
  X(DropStunNotRequest, "drop_stun_not_request")                      \
  X(DropStunUnknownUfrag, "drop_stun_unknown_ufrag")                  \
  X(DropStunBadRequest, "drop_stun_bad_request")                      \
  X(DropStunUnauthorized, "drop_stun_unauthorized")                   \
  X(DropStunUnknownAttribute, "drop_stun_unknown_attribute")          \
  X(DropStunRoleConflict, "drop_stun_role_conflict")                  \
  X(DropDtlsNotValidated, "drop_dtls_not_validated")                  \
  X(DropDtlsQueueFull, "drop_dtls_queue_full")                        \
  X(DropSrtpMalformed, "drop_srtp_malformed")                         \
  X(DropSrtpReplayed, "drop_srtp_replayed")                           \
  X(DropSrtpAuth, "drop_srtp_auth")                                   \
  X(DropSrtpTooManySsrcs, "drop_srtp_too_many_ssrcs")                 \
  X(DropSrtcpMalformed, "drop_srtcp_malformed")                       \
  X(DropSrtcpReplayed, "drop_srtcp_replayed")                         \
  X(DropSrtcpAuth, "drop_srtcp_auth")                                 \
  X(DropRtpMalformed, "drop_rtp_malformed")                           \
  X(DropUnboundSsrc, "drop_unbound_ssrc")                             \
  X(DropPayloadType, "drop_payload_type")                             \
  X(DropForbidden, "drop_forbidden")                                  \
  X(DropDuplicate, "drop_duplicate")                                  \
  X(DropTooOld, "drop_too_old")                                       \
  X(DropRtxBeforeMedia, "drop_rtx_before_media")                      \
  X(DropRtcpMalformed, "drop_rtcp_malformed")                         \
  X(DropHandoverFull, "drop_handover_full")                           \
  X(VoiceUnheard, "voice_unheard")                                    \
  X(RecoveredByRed, "recovered_by_red")                               \
  X(HandedOver, "handed_over")                                        \
  X(FeedPackets, "feed_packets")                                      \
  X(FeedOverflows, "feed_overflows")                                  \
  X(StunResponses, "stun_responses")                                  \
  X(OutDatagrams, "out_datagrams")                                    \
  X(OutBytes, "out_bytes")                                            \
  X(OutMessages, "out_messages")                                      \
  X(OutRtp, "out_rtp")                                                \
  X(OutRtx, "out_rtx")                                                \
  X(OutResent, "out_resent")                                          \
  X(OutFiller, "out_filler")                                          \
  X(OutProbe, "out_probe")                                            \
  X(OutRedundant, "out_redundant")                                    \
  X(OutRtcp, "out_rtcp")                                              \
  X(OutDtls, "out_dtls")                                              \
  X(EgressGsoMissing, "egress_gso_missing")                           \
  X(EgressGsoEmsgsize, "egress_gso_emsgsize")                         \
  X(EgressGsoEinval, "egress_gso_einval")                             \
  X(EgressGsoEio, "egress_gso_eio")                                   \
  X(EgressSendErrors, "egress_send_errors")                           \
  X(EgressBlocked, "egress_blocked")                                  \
  X(EgressDropAge, "egress_drop_age")                                 \
  X(EgressDropFull, "egress_drop_full")                               \
  X(EgressDropNoAddress, "egress_drop_no_address")                    \
  X(EgressDropProtect, "egress_drop_protect")                         \
  X(EgressDropCodecNotNegotiated, "egress_drop_codec_not_negotiated") \
  X(EgressDropWaitingKeyframe, "egress_drop_waiting_keyframe")        \
  X(EgressDropLate, "egress_drop_late")                               \
  X(EgressDropLayer, "egress_drop_layer")                             \
  X(EgressDropOverrun, "egress_drop_overrun")                         \
  X(EgressDropPaced, "egress_drop_paced")                             \
  X(NackSuppressed, "nack_suppressed")                                \
  X(NackOverBudget, "nack_over_budget")                               \
  X(NackUnknown, "nack_unknown")                                      \
  X(NacksSent, "nacks_sent")                                          \
  X(KeyframeRequestsSent, "keyframe_requests_sent")                   \
  X(TransportFeedbackSent, "transport_feedback_sent")                 \
  X(TapOverflows, "tap_overflows")                                    \
  X(EventsLost, "events_lost")                                        \
  X(CommandsApplied, "commands_applied")                              \
  X(Laps, "laps")                                                     \
  X(LapsOver2Ms, "laps_over_2ms")                                     \
  X(LapsOver10Ms, "laps_over_10ms")                                   \
  X(LapsOver50Ms, "laps_over_50ms")                                   \
  X(WithoutPriority, "without_priority")                              \
  X(WithoutSteering, "without_steering")

enum class Counter : std::size_t {
#define TANDEM_COUNTER_ENUM(enumerator, name) enumerator,
  TANDEM_COUNTERS(TANDEM_COUNTER_ENUM)
#undef TANDEM_COUNTER_ENUM
      Count
};

inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::Count);

inline constexpr std::array<std::string_view, kCounterCount> kCounterNames{
#define TANDEM_COUNTER_NAME(enumerator, name) name,
    TANDEM_COUNTERS(TANDEM_COUNTER_NAME)
#undef TANDEM_COUNTER_NAME
};

class Counters {
 public:
  // A plain load and store: there is one writer, so no locked instruction is needed.
  void add(Counter counter, std::uint64_t amount = 1) noexcept {
    auto& value = values_[static_cast<std::size_t>(counter)];
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get(Counter counter) const noexcept {
    return values_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kCounterCount> values_{};
};

}  // namespace tandem
