// The core as one of several on a media port: what other workers hand over, and tracks that are mirrored.
#include <utility>

#include "dataplane.hpp"
#include "demux.hpp"

namespace tandem {

void Dataplane::join(HandoverSink& neighbours) noexcept {
  handover_.join(neighbours);
  feeds_.join(neighbours);
}

void Dataplane::handle_handover(WorkerIndex from, HandoverKind kind, MutableBytes record,
                                std::int64_t now_ns) {
  switch (kind) {
    case HandoverKind::Datagram:
      if (const auto handed = take_head<HandedDatagram>(record)) {
        handle_handed_datagram(from, handed->path, record, now_ns);
      }
      return;
    case HandoverKind::PathLearned:
      if (const auto learned = take_head<PathLearned>(record)) {
        tables_.release_path(learned->path);
        handover_.learn(learned->path, from, now_ns);
      }
      return;
    case HandoverKind::PathTaken:
      if (const auto taken = take_head<PathTaken>(record)) {
        tables_.release_path(taken->path);
      }
      return;
    case HandoverKind::FeedPacket:
      if (const auto fed = take_head<FeedPacket>(record)) {
        handle_feed_packet(*fed, record, now_ns);
      }
      return;
    case HandoverKind::FeedReport:
      if (const auto report = take_head<FeedReport>(record)) {
        handle_feed_report(*report);
      }
      return;
    case HandoverKind::KeyframeWanted:
      if (const auto wanted = take_head<KeyframeWanted>(record)) {
        request_keyframe(wanted->track, now_ns);
      }
      return;
    case HandoverKind::FeedClosed:
      if (const auto closed = take_head<FeedClosed>(record)) {
        if (Track* track = tables_.find_track(closed->track)) {
          Feeds::close(*track, from, closed->feed);
        }
      }
      return;
  }
}

void Dataplane::handle_handed_datagram(WorkerIndex from, const Path& path, MutableBytes datagram,
                                       std::int64_t now_ns) {
  const bool is_check = classify_datagram(datagram) == DatagramKind::Stun;
  handover_.set_final(true);
  dispatch(path, datagram, now_ns);
  handover_.set_final(false);
  if (is_check && tables_.find_path(path) != nullptr) {
    handover_.announce(path, from);
  }
}

void Dataplane::handle_feed_packet(const FeedPacket& fed, MutableBytes packet, std::int64_t now_ns) {
  Track* track = tables_.find_track(fed.track);
  if (!Feeds::accepts(track, fed.feed)) {
    return;
  }
  const bool has_gap = Feeds::take_gap(*track, fed.count);
  media_.handle_feed(*track, fed, packet);
  if (has_gap) {
    rtcp_egress_.request_keyframe(*track, now_ns);
  }
}

void Dataplane::handle_feed_report(const FeedReport& report) {
  Track* track = tables_.find_track(report.track);
  if (Feeds::accepts(track, report.feed)) {
    track->handle_sender_report(report.clock, compact_ntp(report.clock.ntp_time));
    track->transport().clock_offset = report.offset;
  }
}

void Dataplane::set_routes(TransportId id, WorkerIndex owner, const std::vector<std::string>& ufrags) {
  handover_.set_routes(id, owner, ufrags);
}

void Dataplane::remove_routes(TransportId id) {
  handover_.remove_routes(id);
}

void Dataplane::open_feed(TrackId id, WorkerIndex worker, std::uint64_t feed) {
  if (Track* track = tables_.find_track(id)) {
    feeds_.open(*track, worker, feed);
  }
}

void Dataplane::open_mirror(TrackId id, TrackSpec track, TransportSpec transport, WorkerIndex owner,
                            std::uint64_t feed, std::int64_t now_ns) {
  tables_.set_transport(track.transport, std::move(transport), now_ns);
  if (Track* opened = tables_.set_track(id, std::move(track))) {
    Feeds::mirror(*opened, owner, feed);
  }
}

void Dataplane::retire_mirror(TrackId id, std::uint64_t feed) {
  if (Track* track = tables_.find_track(id)) {
    Feeds::retire(*track, feed);
  }
}

void Dataplane::update_mirror(TrackId id, TrackSpec spec) {
  if (tables_.find_track(id) != nullptr) {
    tables_.set_track(id, std::move(spec));
  }
}

void Dataplane::update_mirror_transport(TransportId id, TransportSpec spec, std::int64_t now_ns) {
  if (tables_.find_transport(id) != nullptr) {
    tables_.set_transport(id, std::move(spec), now_ns);
  }
}

void Dataplane::close_idle_mirrors(std::int64_t now_ns) {
  std::vector<TrackId> idle;
  for (const auto& [id, track] : tables_.tracks()) {
    if (feeds_.take_idle(*track, now_ns)) {
      idle.push_back(id);
    }
  }
  for (const TrackId id : idle) {
    Transport& transport = tables_.find_track(id)->transport();
    remove_track(id);
    if (transport.tracks().empty()) {
      tables_.remove_transport(transport.id());
    }
  }
}

}  // namespace tandem
