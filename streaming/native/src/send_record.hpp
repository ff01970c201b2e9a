// What was sent under each of a subscriber's last outgoing sequence numbers, so that a resend is the same
// packet.
//
// Invariant: an outgoing sequence number is recorded once and never again with other content. Two packets
// under one number would repeat a GCM nonce and give the key away (RFC 7714 8.1).
#pragma once

#include <cstdint>
#include <vector>

#include "layer_mark.hpp"

namespace tandem {

struct SendRecord {
  std::int64_t sequence_number = -1;  // outgoing, extended
  std::uint64_t position = 0;         // in the track's ring
  std::int64_t resent_ns = 0;         // 0: never
  std::uint64_t track = 0;            // whose ring; the id is never used twice
  std::uint32_t timestamp = 0;        // outgoing
  std::uint32_t abs_send_time = 0;
  std::uint32_t layout = 0;  // version of what the header depends on
  std::uint16_t picture_id = 0;
  std::uint16_t transport_cc = 0;
  std::uint8_t tl0picidx = 0;
  std::uint8_t payload_type = 0;
  std::uint16_t frame_number_shift = 0;  // of the dependency descriptor
  std::uint8_t template_id_shift = 0;
  std::uint8_t spatial_layer : 4 = kMaxLayer;  // the highest that went out then
  std::uint8_t temporal_layer : 4 = kMaxLayer;
  std::uint8_t padding_bytes = 0;
  std::uint8_t red_payload_type = 0;  // with has_redundancy
  bool has_redundancy : 1 = false;    // RED: the packet at `position` - 1 goes with it
  bool has_mid : 1 = false;
  bool is_filler : 1 = false;       // padding only: the packet that belonged here will never come
  bool states_targets : 1 = false;  // the descriptor says which decode targets are active
};

class SendRecords {
 public:
  // `capacity` is a power of two. Memory is taken at the first record.
  explicit SendRecords(std::size_t capacity) noexcept : capacity_(capacity) {}

  // Whether nothing has been sent under this number and it is not too old to tell.
  [[nodiscard]] bool is_free(std::int64_t sequence_number) const noexcept {
    return records_.empty() || slot(sequence_number).sequence_number < sequence_number;
  }
  SendRecord& add(std::int64_t sequence_number) {
    if (records_.empty()) {
      records_.resize(capacity_);
    }
    SendRecord& record = records_[index(sequence_number)];
    record = SendRecord{};
    record.sequence_number = sequence_number;
    return record;
  }
  [[nodiscard]] SendRecord* find(std::int64_t sequence_number) noexcept {
    if (records_.empty()) {
      return nullptr;
    }
    SendRecord& record = records_[index(sequence_number)];
    return record.sequence_number == sequence_number ? &record : nullptr;
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  [[nodiscard]] std::size_t index(std::int64_t sequence_number) const noexcept {
    return static_cast<std::size_t>(sequence_number) & (capacity_ - 1);
  }
  [[nodiscard]] const SendRecord& slot(std::int64_t sequence_number) const noexcept {
    return records_[index(sequence_number)];
  }

  std::size_t capacity_;
  std::vector<SendRecord> records_;
};

}  // namespace tandem
