// RTCP that the worker itself sends: towards publishers receiver reports, NACKs, transport-cc feedback and
// keyframe requests; towards subscribers sender reports; BYE to either.
#pragma once

#include <array>

#include "counters.hpp"
#include "datagram_sink.hpp"
#include "feeds.hpp"
#include "tables.hpp"

namespace tandem {

class RtcpEgress {
 public:
  // `ntp_at_zero`: the server's NTP clock at monotonic time 0.
  RtcpEgress(DatagramSink& sink, Feeds& feeds, Counters& counters, NtpTime ntp_at_zero) noexcept
      : sink_(sink), feeds_(feeds), counters_(counters), ntp_at_zero_(ntp_at_zero) {}

  [[nodiscard]] NtpTime server_ntp(std::int64_t now_ns) const noexcept {
    return ntp_at_zero_ + ntp_from_ns(now_ns);
  }

  // Merged per track; PLI where it was negotiated, else FIR, else nothing. For a mirror its owner is asked.
  void request_keyframe(Track& track, std::int64_t now_ns);
  // What is due by time. Called every few milliseconds.
  void handle_track_time(Track& track, std::int64_t now_ns);
  void handle_publisher_time(Transport& transport, std::int64_t now_ns);
  void handle_subscription_time(Subscription& subscription, std::int64_t now_ns);
  // The sender report, if it is due. Right behind media it is the last, shorter segment of that message, and
  // costs next to nothing.
  void send_due_report(Subscription& subscription, std::int64_t now_ns) {
    if (subscription.is_report_due(now_ns)) {
      send_report(subscription, now_ns);
    }
  }
  void send_bye(Transport& transport, std::span<const std::uint32_t> ssrcs);

 private:
  // A compound packet of ours: begins with an empty receiver report and our CNAME (RFC 3550 6.1).
  class Compound {
   public:
    explicit Compound(const Transport& transport) noexcept;
    Compound(const Compound&) = delete;
    Compound& operator=(const Compound&) = delete;
    [[nodiscard]] ByteWriter& writer() noexcept { return writer_; }
    [[nodiscard]] Bytes bytes() const noexcept { return writer_.written(); }

   private:
    std::array<std::uint8_t, kMaxOwnDatagramBytes - kMaxSrtpGrowthBytes> buffer_{};
    ByteWriter writer_;
  };

  void send_keyframe_request(Track& track);
  void send_nacks(Track& track, std::int64_t now_ns);
  void send_report(Subscription& subscription, std::int64_t now_ns);
  void send_receiver_report(Transport& transport, std::int64_t now_ns);

  DatagramSink& sink_;
  Feeds& feeds_;
  Counters& counters_;
  NtpTime ntp_at_zero_;
};

}  // namespace tandem
