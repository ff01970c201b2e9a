// Which worker has what: loads, and mirrors from their first use to their last.
#include <doctest/doctest.h>

#include "ownership.hpp"

namespace tandem::test {

namespace {

TransportSpec transport_spec(const std::string& ufrag) {
  TransportSpec spec;
  spec.credentials.push_back({.local_ufrag = ufrag, .local_pwd = "secret", .remote_ufrag = ""});
  spec.srtp.emplace();
  return spec;
}

TrackSpec track_spec(TransportId transport) {
  TrackSpec spec;
  spec.transport = transport;
  spec.nack = true;
  return spec;
}

SubscriptionSpec subscription_spec(TransportId transport, TrackId track) {
  SubscriptionSpec spec;
  spec.transport = transport;
  spec.track = track;
  return spec;
}

// Transports 1, 2, 3… on two workers by turns: the odd ones on 0, the even ones on 1. Tracks 10 and 11 are of
// transport 1.
Ownership lesson() {
  Ownership ownership(2);
  for (TransportId id = 1; id <= 6; ++id) {
    ownership.set_transport(id, transport_spec("u" + std::to_string(id)));
  }
  ownership.set_track(10, track_spec(1));
  ownership.set_track(11, track_spec(1));
  return ownership;
}

}  // namespace

TEST_CASE("ownership: a newcomer goes where the fewest subscriptions are, then the fewest transports") {
  Ownership ownership(3);
  ownership.set_transport(1, transport_spec("a"));
  ownership.set_transport(2, transport_spec("b"));
  ownership.set_transport(3, transport_spec("c"));
  CHECK(ownership.find_transport(1)->worker == 0);
  CHECK(ownership.find_transport(2)->worker == 1);
  CHECK(ownership.find_transport(3)->worker == 2);
  ownership.set_subscription(1, subscription_spec(1, kNoTrack));
  ownership.set_subscription(2, subscription_spec(2, kNoTrack));
  ownership.set_transport(4, transport_spec("d"));
  ownership.set_transport(5, transport_spec("e"));
  CHECK(ownership.find_transport(4)->worker == 2);
  CHECK(ownership.find_transport(5)->worker == 2);
  ownership.remove_subscription(1);
  ownership.remove_transport(1);
  ownership.set_transport(6, transport_spec("f"));
  CHECK(ownership.find_transport(6)->worker == 0);
}

TEST_CASE("ownership: a transport stays where it is; its ufrags are told when they change") {
  Ownership ownership(2);
  CHECK(ownership.set_transport(1, transport_spec("a")));
  CHECK_FALSE(ownership.set_transport(1, transport_spec("a")));
  CHECK(ownership.set_transport(1, transport_spec("b")));
  CHECK(ownership.find_transport(1)->worker == 0);
  CHECK(ownership.find_transport(1)->ufrags == std::vector<std::string>{"b"});
}

TEST_CASE("ownership: mirrors get neither keys nor credentials, and repair nothing") {
  const Ownership ownership = lesson();
  const TransportSpec& mirror = ownership.find_transport(1)->mirror;
  CHECK(mirror.is_mirror);
  CHECK(mirror.credentials.empty());
  CHECK_FALSE(mirror.srtp.has_value());
  CHECK_FALSE(ownership.find_track(10)->mirror.nack);
}

TEST_CASE("ownership: a mirror opens with a worker's first subscription and retires with its last") {
  Ownership ownership = lesson();
  CHECK_FALSE(
      ownership.set_subscription(1, subscription_spec(3, 10))->opened.has_value());  // the owner's own
  const auto first = ownership.set_subscription(2, subscription_spec(2, 10));
  REQUIRE(first->opened.has_value());
  CHECK(first->worker == 1);
  CHECK(first->opened->worker == 1);
  CHECK(first->opened->track == 10);
  CHECK_FALSE(ownership.set_subscription(3, subscription_spec(4, 10))->opened.has_value());
  CHECK_FALSE(ownership.set_subscription(3, subscription_spec(4, 10))->retired.has_value());  // told again
  CHECK_FALSE(ownership.remove_subscription(2)->retired.has_value());
  const auto last = ownership.remove_subscription(3);
  REQUIRE(last->retired.has_value());
  CHECK(last->retired->feed == first->opened->feed);
  CHECK_FALSE(ownership.remove_subscription(3).has_value());
  CHECK(ownership.set_subscription(4, subscription_spec(2, 10))->opened->feed > first->opened->feed);
}

TEST_CASE("ownership: a switch opens the new track's mirror and retires the old one's") {
  Ownership ownership = lesson();
  ownership.set_subscription(1, subscription_spec(2, 10));
  const auto change = ownership.set_subscription(1, subscription_spec(2, 11));
  CHECK(change->opened->track == 11);
  CHECK(change->retired->track == 10);
  const auto silence = ownership.set_subscription(1, subscription_spec(2, kNoTrack));
  CHECK_FALSE(silence->opened.has_value());
  CHECK(silence->retired->track == 11);
}

TEST_CASE("ownership: a subscription that moves to another worker's transport leaves the first") {
  Ownership ownership = lesson();
  ownership.set_subscription(1, subscription_spec(2, 10));
  const auto change = ownership.set_subscription(1, subscription_spec(3, 10));
  CHECK(change->worker == 0);
  CHECK(change->left == 1);
  CHECK(change->retired->worker == 1);
  CHECK(ownership.worker_of_subscription(1) == 0);
}

TEST_CASE("ownership: what goes with its transport or track uses no mirror any more") {
  Ownership ownership = lesson();
  ownership.set_subscription(1, subscription_spec(2, 10));
  ownership.set_subscription(2, subscription_spec(2, 11));
  CHECK(ownership.remove_transport(2).size() == 2);
  CHECK(ownership.remove_transport(2).empty());
  ownership.set_subscription(3, subscription_spec(4, 10));
  ownership.remove_track(10);
  ownership.set_track(10, track_spec(1));
  CHECK_FALSE(ownership.remove_subscription(3)->retired.has_value());  // the new track knows nothing of it
  CHECK_FALSE(ownership.set_subscription(4, subscription_spec(9, 10)).has_value());
  CHECK_FALSE(ownership.set_track(12, track_spec(9)));
  ownership.remove_transport(1);
  CHECK(ownership.find_track(11) == nullptr);
}

}  // namespace tandem::test
