#include "numbering.hpp"

#include <algorithm>

#include "sequence.hpp"

namespace tandem {

void Numbering::begin(const CachedPacket& first, std::uint32_t timestamp) noexcept {
  NumberShift shift;
  shift.first = first.sequence_number;
  shift.sequence = next_ - first.sequence_number;
  if (map_.started()) {
    const bool increases = serial_after(timestamp, last_timestamp_);
    shift.timestamp = (increases ? timestamp : last_timestamp_ + 1) - first.timestamp;
    shift.picture_id = static_cast<std::uint16_t>(last_picture_id_ + 1 - first.picture.picture_id);
    shift.tl0picidx = static_cast<std::uint8_t>(last_tl0picidx_ + 1 - first.picture.tl0picidx);
    shift.frame_number = static_cast<std::uint16_t>(last_frame_number_ + 1 - first.layer.frame_number);
    // Other ids than the old structure's: a receiver that missed the new one cannot mistake them.
    shift.template_id = static_cast<std::uint8_t>(next_template_id_ - first.layer.first_template_id);
  } else {
    shift.timestamp = timestamp - first.timestamp;
  }
  map_.restart(shift);
  highest_published_ = first.sequence_number - 1;
  published_picture_id_ = static_cast<std::uint16_t>(first.picture.picture_id - 1);
}

std::optional<Placement> Numbering::skip(const CachedPacket& packet) noexcept {
  const std::int64_t published = packet.sequence_number;
  if (published > highest_published_) {
    next_ = std::max(next_, published + map_.newest().sequence);
    const bool leaves_out_picture = packet.picture.is_contiguous &&
                                    packet.picture.width != PictureIdWidth::Absent &&
                                    packet.picture.picture_id != published_picture_id_;
    map_.close_gap_before(published + 1, leaves_out_picture ? 1 : 0);
    published_picture_id_ = packet.picture.picture_id;
    highest_published_ = published;
    return std::nullopt;
  }
  return place(packet);
}

std::optional<Placement> Numbering::place(const CachedPacket& packet) noexcept {
  const NumberShift* shift = map_.find(packet.sequence_number);
  if (shift == nullptr) {
    return std::nullopt;
  }
  const Placement placement{
      .sequence_number = packet.sequence_number + shift->sequence,
      .timestamp = packet.timestamp + shift->timestamp,
      .picture_id = static_cast<std::uint16_t>(packet.picture.picture_id + shift->picture_id),
      .tl0picidx = static_cast<std::uint8_t>(packet.picture.tl0picidx + shift->tl0picidx),
      .descriptor = {.frame_number = shift->frame_number, .template_id = shift->template_id},
  };
  if (packet.sequence_number > highest_published_) {
    highest_published_ = packet.sequence_number;
    next_ = std::max(next_, placement.sequence_number + 1);
    last_timestamp_ = placement.timestamp;
    last_arrival_ns_ = packet.arrival_ns;
    last_picture_id_ = placement.picture_id;
    last_tl0picidx_ = placement.tl0picidx;
    published_picture_id_ = packet.picture.picture_id;
    if (packet.layer.has_descriptor) {
      last_frame_number_ = static_cast<std::uint16_t>(packet.layer.frame_number + shift->frame_number);
      next_template_id_ = static_cast<std::uint8_t>(packet.layer.first_template_id + shift->template_id +
                                                    packet.layer.template_count);
    }
  }
  return placement;
}

}  // namespace tandem
