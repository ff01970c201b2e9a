#include "ice_responder.hpp"

namespace tandem {

Transport* IceResponder::handle_datagram(const Path& path, Bytes datagram, std::int64_t now_ns) {
  const std::optional<StunMessage> message = parse_stun(datagram);
  if (!message || message->method != kStunBinding) {
    counters_.add(Counter::DropStunMalformed);
    return nullptr;
  }
  if (message->message_class == StunClass::Indication) {
    handle_indication(path, datagram, now_ns);
    return nullptr;
  }
  if (message->message_class != StunClass::Request) {
    counters_.add(Counter::DropStunNotRequest);
    return nullptr;
  }
  const Tables::UfragOwner owner = tables_.find_ufrag(message->receiver_ufrag());
  if (owner.transport == nullptr) {
    if (!handover_.pass_check(message->receiver_ufrag(), path, datagram)) {
      counters_.add(Counter::DropStunUnknownUfrag);
    }
    return nullptr;
  }
  const IceCredentials& credentials = owner.transport->spec().credentials[owner.credentials];
  const StunVerdict verdict = judge_binding_request(*message, credentials.local_ufrag, credentials.local_pwd,
                                                    credentials.remote_ufrag);
  if (verdict != StunVerdict::Accept) {
    refuse(path, *message, verdict, credentials.local_pwd);
    return nullptr;
  }
  counters_.add(Counter::AcceptedStun);
  tables_.bind_path(path, *owner.transport, now_ns);
  handover_.claim(path);
  answer(path, *message, credentials.local_pwd);
  return message->use_candidate ? nominate(path, owner) : nullptr;
}

void IceResponder::handle_indication(const Path& path, Bytes datagram, std::int64_t now_ns) {
  // A keepalive: nothing to do, and without authentication nothing that may be done.
  if (tables_.find_path(path) != nullptr) {
    counters_.add(Counter::AcceptedStunIndication);
  } else if (!handover_.pass(path, datagram, now_ns)) {
    counters_.add(Counter::DropUnknownAddress);
  }
}

void IceResponder::refuse(const Path& path, const StunMessage& message, StunVerdict verdict,
                          std::string_view local_pwd) {
  switch (verdict) {
    case StunVerdict::Accept:
      return;
    case StunVerdict::Ignore:
      counters_.add(Counter::DropStunMalformed);
      return;
    case StunVerdict::BadRequest:
      counters_.add(Counter::DropStunBadRequest);
      return;
    case StunVerdict::Unauthorized:
      counters_.add(Counter::DropStunUnauthorized);
      return;
    case StunVerdict::UnknownAttribute:
      counters_.add(Counter::DropStunUnknownAttribute);
      break;
    case StunVerdict::RoleConflict:
      counters_.add(Counter::DropStunRoleConflict);
      break;
  }
  // These two are authentic: the sender learns what is wrong.
  const MutableBytes out = sink_.reserve(path);
  const std::size_t length = write_stun_error(out, message, verdict, local_pwd);
  if (length != 0) {
    sink_.commit(length);
    counters_.add(Counter::StunResponses);
  }
}

void IceResponder::answer(const Path& path, const StunMessage& message, std::string_view local_pwd) {
  const MutableBytes out = sink_.reserve(path);
  const StunAddress mapped{.is_v6 = path.remote.is_v6, .port = path.remote.port, .address = path.remote.ip};
  const std::size_t length = write_stun_success(out, message.transaction_id, mapped, local_pwd);
  if (length != 0) {
    sink_.commit(length);
    counters_.add(Counter::StunResponses);
  }
}

Transport* IceResponder::nominate(const Path& path, Tables::UfragOwner owner) {
  if (owner.credentials == 0) {
    tables_.retire_old_credentials(*owner.transport);
  }
  if (!owner.transport->nominate(path)) {
    return nullptr;
  }
  events_.push({.kind = EventKind::Nominated,
                .id = owner.transport->id(),
                .number = 0,
                .address = path.remote,
                .bytes = {}});
  return owner.transport;
}

}  // namespace tandem
