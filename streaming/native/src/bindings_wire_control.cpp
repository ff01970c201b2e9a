#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "bindings_wire_parts.hpp"
#include "rtcp.hpp"
#include "stun.hpp"
#include "transport_cc.hpp"

namespace nb = nanobind;

namespace tandem {

namespace {

nb::list report_blocks(const ReportBlocks& reports) {
  nb::list blocks;
  for (const ReportBlock& block : reports.view()) {
    blocks.append(nb::make_tuple(block.ssrc, block.fraction_lost, block.cumulative_lost,
                                 block.highest_sequence_number, block.jitter_ticks, block.last_sender_report,
                                 block.delay_since_last_sr));
  }
  return blocks;
}

nb::list transport_cc_statuses(const Feedback& feedback, nb::dict& fields) {
  TransportCcIterator iterator(feedback.control);
  fields["base_sequence_number"] = iterator.header().base_sequence_number;
  fields["reference_time"] = iterator.header().reference_time;
  fields["feedback_count"] = iterator.header().feedback_count;
  nb::list statuses;
  TransportCcStatus status;
  while (iterator.next(status)) {
    statuses.append(
        nb::make_tuple(status.sequence_number, status.is_received,
                       status.is_received ? nb::object(nb::int_(status.arrival_us)) : nb::none()));
  }
  fields["is_malformed"] = iterator.is_malformed();
  return statuses;
}

void add_feedback(const RtcpPacket& packet, const Feedback& feedback, nb::dict& fields) {
  fields["sender_ssrc"] = feedback.sender_ssrc;
  fields["media_ssrc"] = feedback.media_ssrc;
  if (packet.type == static_cast<std::uint8_t>(RtcpType::TransportFeedback)) {
    if (packet.count_or_format == kFormatNack) {
      nb::list lost;
      NackIterator iterator(feedback.control);
      for (std::uint16_t sequence_number = 0; iterator.next(sequence_number);) {
        lost.append(sequence_number);
      }
      fields["lost"] = lost;
    } else if (packet.count_or_format == kFormatTransportCc) {
      fields["statuses"] = transport_cc_statuses(feedback, fields);
    }
  } else if (packet.count_or_format == kFormatFir) {
    nb::list entries;
    FirIterator iterator(feedback.control);
    for (FirEntry entry; iterator.next(entry);) {
      entries.append(nb::make_tuple(entry.ssrc, entry.command_sequence_number));
    }
    fields["entries"] = entries;
  } else if (const auto remb = parse_remb(feedback)) {
    fields["bitrate_bps"] = remb->bitrate_bps;
    fields["ssrcs"] = to_bytes(remb->ssrcs);
  }
}

nb::dict rtcp_fields(const RtcpPacket& packet) {
  nb::dict fields;
  fields["type"] = packet.type;
  fields["count_or_format"] = packet.count_or_format;
  fields["body"] = to_bytes(packet.body);
  if (const auto sender = parse_sender_report(packet)) {
    fields["ssrc"] = sender->ssrc;
    fields["ntp_time"] = sender->ntp_time;
    fields["rtp_timestamp"] = sender->rtp_timestamp;
    fields["packet_count"] = sender->packet_count;
    fields["octet_count"] = sender->octet_count;
    fields["reports"] = report_blocks(sender->reports);
  } else if (const auto receiver = parse_receiver_report(packet)) {
    fields["ssrc"] = receiver->ssrc;
    fields["reports"] = report_blocks(receiver->reports);
  } else if (const auto source = parse_source_description(packet)) {
    fields["ssrc"] = source->ssrc;
    fields["cname"] = nb::bytes(source->cname.data(), source->cname.size());
  } else if (const auto bye = parse_bye(packet)) {
    nb::list ssrcs;
    for (const std::uint32_t ssrc : std::span(bye->ssrcs).first(bye->count)) {
      ssrcs.append(ssrc);
    }
    fields["ssrcs"] = ssrcs;
  } else if (const auto feedback = parse_feedback(packet)) {
    add_feedback(packet, *feedback, fields);
  }
  return fields;
}

// (packets, is_malformed)
nb::tuple parsed_rtcp(const nb::bytes& compound) {
  RtcpIterator iterator(view(compound));
  nb::list packets;
  RtcpPacket packet;
  while (iterator.next(packet)) {
    packets.append(rtcp_fields(packet));
  }
  return nb::make_tuple(packets, iterator.is_malformed());
}

// What `write` appends to an empty buffer; empty bytes if it fails.
template <typename Write>
nb::bytes written(Write write) {
  Buffer out(kBufferBytes);
  ByteWriter writer(out);
  return write(writer) ? to_bytes(writer.written()) : to_bytes({});
}

}  // namespace

void bind_rtcp(nb::module_& wire) {
  wire.def("parse_rtcp", parsed_rtcp);
  wire.def("write_nack",
           [](std::uint32_t sender, std::uint32_t media, const std::vector<std::uint16_t>& lost) {
             return written([&](ByteWriter& out) { return write_nack(out, sender, media, lost); });
           });
  wire.def("write_pli", [](std::uint32_t sender, std::uint32_t media) {
    return written([&](ByteWriter& out) { return write_pli(out, sender, media); });
  });
  wire.def("write_fir", [](std::uint32_t sender, std::uint32_t media, std::uint8_t command) {
    return written([&](ByteWriter& out) {
      return write_fir(out, sender, {.ssrc = media, .command_sequence_number = command});
    });
  });
  wire.def("write_source_description", [](std::uint32_t ssrc, const std::string& cname) {
    return written([&](ByteWriter& out) { return write_source_description(out, ssrc, cname); });
  });
  wire.def("write_remb",
           [](std::uint32_t sender, std::uint64_t bitrate_bps, const std::vector<std::uint32_t>& ssrcs) {
             return written([&](ByteWriter& out) { return write_remb(out, sender, bitrate_bps, ssrcs); });
           });
  wire.def("write_sender_report", [](std::uint32_t ssrc, std::uint64_t ntp_time, std::uint32_t rtp_timestamp,
                                     std::uint32_t packet_count, std::uint32_t octet_count) {
    const SenderReport report{.ssrc = ssrc,
                              .ntp_time = ntp_time,
                              .rtp_timestamp = rtp_timestamp,
                              .packet_count = packet_count,
                              .octet_count = octet_count};
    return written([&](ByteWriter& out) { return write_sender_report(out, report); });
  });
  // (packet, how many arrivals it covers)
  wire.def("write_transport_cc",
           [](std::uint32_t sender, std::uint32_t media, std::uint8_t feedback_count, std::int64_t base,
              const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
             std::vector<TransportCcArrival> arrivals;
             arrivals.reserve(pairs.size());
             for (const auto& [sequence_number, arrival_us] : pairs) {
               arrivals.push_back({sequence_number, arrival_us});
             }
             std::size_t taken = 0;
             const nb::bytes packet = written([&](ByteWriter& out) {
               taken = write_transport_cc(out, sender, media, feedback_count, base, arrivals);
               return taken != 0;
             });
             return nb::make_tuple(packet, taken);
           });
}

namespace {

template <typename Value>
nb::object optional(const std::optional<Value>& value) {
  return value ? nb::cast(*value) : nb::none();
}

nb::object parsed_stun(const nb::bytes& datagram) {
  const auto message = parse_stun(view(datagram));
  if (!message) {
    return nb::none();
  }
  nb::dict fields;
  fields["message_class"] = static_cast<std::uint8_t>(message->message_class);
  fields["method"] = message->method;
  fields["transaction_id"] = to_bytes(message->transaction_id);
  fields["username"] = nb::bytes(message->username.data(), message->username.size());
  fields["priority"] = optional(message->priority);
  fields["ice_controlling"] = optional(message->ice_controlling);
  fields["ice_controlled"] = optional(message->ice_controlled);
  fields["use_candidate"] = message->use_candidate;
  fields["has_integrity"] = message->integrity_offset.has_value();
  fields["has_fingerprint"] = message->fingerprint_offset.has_value();
  fields["is_fingerprint_right"] = verify_stun_fingerprint(*message);
  fields["unknown_attribute"] = optional(message->unknown_attribute);
  fields["error_code"] = message->error_code;
  const auto mapped = stun_mapped_address(*message);
  fields["mapped_address"] =
      mapped ? nb::object(nb::make_tuple(to_bytes(Bytes(mapped->address).first(mapped->is_v6 ? 16 : 4)),
                                         mapped->port))
             : nb::none();
  return fields;
}

std::string_view verdict_name(StunVerdict verdict) {
  constexpr std::array<std::string_view, 6> kNames{
      "accept", "ignore", "bad_request", "unauthorized", "unknown_attribute", "role_conflict"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

TransactionId transaction(const nb::bytes& bytes) {
  TransactionId id{};
  if (bytes.size() != id.size()) {
    throw nb::value_error("a transaction id has 12 bytes");
  }
  std::copy_n(view(bytes).begin(), id.size(), id.begin());
  return id;
}

}  // namespace

void bind_stun(nb::module_& wire) {
  wire.def("parse_stun", parsed_stun);
  wire.def("verify_stun_integrity", [](const nb::bytes& datagram, const std::string& pwd) {
    const auto message = parse_stun(view(datagram));
    return message && verify_stun_integrity(*message, pwd);
  });
  // (verdict, the answer if there is one): what the worker does with a check from `address`.
  wire.def("answer_stun", [](const nb::bytes& datagram, const std::string& local_ufrag,
                             const std::string& local_pwd, const std::string& remote_ufrag,
                             const nb::bytes& address, std::uint16_t port) {
    const auto message = parse_stun(view(datagram));
    if (!message) {
      return nb::make_tuple(nb::str("malformed"), to_bytes({}));
    }
    StunAddress mapped{.is_v6 = address.size() == 16, .port = port};
    std::copy_n(view(address).begin(), std::min(address.size(), mapped.address.size()),
                mapped.address.begin());
    const StunVerdict verdict = judge_binding_request(*message, local_ufrag, local_pwd, remote_ufrag);
    Buffer out(kStunMaxResponseBytes);
    const std::size_t size = verdict == StunVerdict::Accept
                                 ? write_stun_success(out, message->transaction_id, mapped, local_pwd)
                                 : write_stun_error(out, *message, verdict, local_pwd);
    return nb::make_tuple(to_str(verdict_name(verdict)), to_bytes(Bytes(out).first(size)));
  });
  wire.def("write_stun_check",
           [](const nb::bytes& transaction_id, const std::string& username, std::uint32_t priority,
              std::uint64_t tie_breaker, bool is_controlling, bool use_candidate, const std::string& pwd) {
             Buffer out(kBufferBytes);
             const StunCheck check{.transaction_id = transaction(transaction_id),
                                   .username = username,
                                   .priority = priority,
                                   .tie_breaker = tie_breaker,
                                   .is_controlling = is_controlling,
                                   .use_candidate = use_candidate};
             return to_bytes(Bytes(out).first(write_stun_check(out, check, pwd)));
           });
}

}  // namespace tandem
