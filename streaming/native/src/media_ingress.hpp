// Protected RTP from publishers: opened, bound to its track, stored once.
#pragma once

#include <optional>
#include <string_view>

#include "counters.hpp"
#include "events.hpp"
#include "fanout.hpp"
#include "feeds.hpp"
#include "red.hpp"
#include "tables.hpp"

namespace tandem {

class MediaIngress {
 public:
  MediaIngress(Fanout& fanout, Feeds& feeds, EventSink& events, Counters& counters) noexcept
      : fanout_(fanout), feeds_(feeds), events_(events), counters_(counters) {}

  // `datagram` is opened in place.
  void handle_datagram(Transport& transport, MutableBytes datagram, std::int64_t now_ns);
  // What the owner of a track that is mirrored here has stored. Nobody hears of it but its subscribers.
  void handle_feed(Track& mirror, const FeedPacket& fed, MutableBytes packet);

 private:
  // The header extensions that matter on arrival.
  struct Arrived {
    RtpView view;
    MutableBytes packet;
    std::int64_t index = 0;  // extended sequence number on its own SSRC
    std::string_view mid;
    std::string_view rid;
    std::string_view repaired_rid;
    std::optional<std::uint16_t> transport_cc;
    std::optional<AudioLevel> audio_level;
  };

  static void read_extensions(const ExtensionMap& map, Arrived& arrived) noexcept;
  void count_refused(SrtpStatus status) noexcept;
  const SsrcBinding* bind(Transport& transport, const Arrived& arrived, std::int64_t now_ns);
  void handle_media(Track& track, Arrived& arrived, std::int64_t now_ns);
  void handle_rtx(Track& track, Arrived& arrived, std::int64_t now_ns);
  void handle_red(Track& track, Arrived& arrived, std::int64_t now_ns);
  // A packet of before that this one brought with it, if it has not come.
  void recover(Track& track, const RedBlock& block, std::int64_t sequence_number, std::uint32_t timestamp,
               std::int64_t now_ns);
  // Takes `count` bytes off the front of the payload: the header moves up over them.
  static void drop_front(Arrived& arrived, std::size_t count) noexcept;
  // A packet came of a voice that competes with others for being heard.
  static void listen(Track& track, std::optional<AudioLevel> level, std::int64_t now_ns);
  void forward(Track& track, Track::Verdict verdict, bool ends_frame, std::int64_t now_ns);
  void store(Track& track, const Arrived& arrived, Origin origin, std::int64_t now_ns);
  // To taps and to other workers: header and payload as published, without padding, RTX and RED undone.
  void copy_out(Track& track, const Arrived& arrived, Origin origin, std::int64_t now_ns);

  Fanout& fanout_;
  Feeds& feeds_;
  EventSink& events_;
  Counters& counters_;
};

// Which track of a transport an SSRC belongs to that no description declared: by mid and rid (or repaired
// rid), else by a payload type that only one track has. Null: cannot be told. `is_rtx` says which of the
// track's two streams it is.
[[nodiscard]] Track* find_track_of(Transport& transport, const RtpView& view, std::string_view mid,
                                   std::string_view rid, std::string_view repaired_rid,
                                   bool& is_rtx) noexcept;

}  // namespace tandem
