// Answers connectivity checks as an ICE-lite agent (RFC 8445, RFC 7675) and decides where a transport's
// egress goes. A check that does not authenticate moves nothing and gets no answer.
#pragma once

#include "counters.hpp"
#include "datagram_sink.hpp"
#include "events.hpp"
#include "handover.hpp"
#include "stun.hpp"
#include "tables.hpp"

namespace tandem {

class IceResponder {
 public:
  IceResponder(Tables& tables, Handover& handover, DatagramSink& sink, EventSink& events,
               Counters& counters) noexcept
      : tables_(tables), handover_(handover), sink_(sink), events_(events), counters_(counters) {}

  // The transport whose egress has moved, else null.
  Transport* handle_datagram(const Path& path, Bytes datagram, std::int64_t now_ns);

 private:
  void handle_indication(const Path& path, Bytes datagram, std::int64_t now_ns);
  void refuse(const Path& path, const StunMessage& message, StunVerdict verdict, std::string_view local_pwd);
  void answer(const Path& path, const StunMessage& message, std::string_view local_pwd);
  Transport* nominate(const Path& path, Tables::UfragOwner owner);

  Tables& tables_;
  Handover& handover_;
  DatagramSink& sink_;
  EventSink& events_;
  Counters& counters_;
};

}  // namespace tandem
