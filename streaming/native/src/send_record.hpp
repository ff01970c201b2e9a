// What was sent under each of a subscriber's last outgoing sequence numbers, so that a resend is the same
// packet.
//
// Invariant: an outgoing sequence number is recorded once and never again with other content. Two packets
// under one number would repeat a GCM nonce and give the key away (RFC 7714 8.1).
#pragma once

#include <cstdint>
#include <vector>

#include "layer_mark.hpp"
#include "packet_memory.hpp"
#include "sequence.hpp"
#include "specs.hpp"

namespace tandem {

// Half a cache line: a thousand of these a subscriber are most of its memory, and each is cold when its turn
// comes. Numbers that only have to be told from their neighbours are kept by their low bits.
struct alignas(32) SendRecord {
  static constexpr std::uint32_t kNever = ~std::uint32_t{0};

  std::uint32_t sequence_number = kNever;       // outgoing, extended
  std::uint32_t track = 0;                      // whose ring; the id is never used twice
  std::uint32_t timestamp = 0;                  // outgoing
  std::uint32_t position : 24 = 0;              // in the track's ring
  std::uint32_t spatial_layer : 3 = kMaxLayer;  // the highest that went out then
  std::uint32_t temporal_layer : 3 = kMaxLayer;
  std::uint32_t is_padded : 1 = 0;  // as the packet says (CachedPacket::gso_padding_bytes)
  std::uint32_t is_filler : 1 = 0;  // padding only: the packet that belonged here will never come
  std::uint32_t abs_send_time : 24 = 0;
  std::uint32_t tl0picidx : 8 = 0;
  std::uint16_t picture_id = 0;
  std::uint16_t transport_cc = 0;
  std::uint16_t frame_number_shift = 0;  // of the dependency descriptor
  std::uint16_t layout = 0;              // version of what the header depends on
  std::uint16_t resent_ms = 0;           // see was_resent_within
  std::uint8_t payload_type : 7 = 0;
  std::uint8_t states_targets : 1 = 0;  // the descriptor says which decode targets are active
  std::uint8_t template_id_shift : 6 = 0;
  std::uint8_t has_mid : 1 = 0;
  std::uint8_t has_redundancy : 1 = 0;  // RED: the packet before it goes with it

  [[nodiscard]] LayerId layers() const noexcept {
    return {.spatial = static_cast<std::uint8_t>(spatial_layer),
            .temporal = static_cast<std::uint8_t>(temporal_layer)};
  }
  // Intervals up to a minute.
  [[nodiscard]] bool was_resent_within(std::int64_t now_ns, std::int64_t interval_ns) const noexcept {
    const auto elapsed_ms = static_cast<std::uint16_t>(milliseconds(now_ns) - resent_ms);
    return resent_ms != 0 && elapsed_ms * kMillisecond < interval_ns;
  }
  void mark_resent(std::int64_t now_ns) noexcept { resent_ms = milliseconds(now_ns); }

 private:
  static std::uint16_t milliseconds(std::int64_t now_ns) noexcept {
    return static_cast<std::uint16_t>(now_ns / kMillisecond) | 1U;  // 0 is never
  }
};
static_assert(sizeof(SendRecord) == 32);

class SendRecords {
 public:
  // `capacity` is a power of two. Memory is taken at the first record.
  explicit SendRecords(std::size_t capacity) noexcept : capacity_(capacity) {}

  // Whether nothing has been sent under this number and it is not too old to tell.
  [[nodiscard]] bool is_free(std::int64_t sequence_number) const noexcept {
    return records_.empty() || slot(sequence_number).sequence_number == SendRecord::kNever ||
           serial_distance(slot(sequence_number).sequence_number, low(sequence_number)) > 0;
  }
  SendRecord& add(std::int64_t sequence_number) {
    if (records_.empty()) {
      records_.resize(capacity_);
    }
    SendRecord& record = records_[index(sequence_number)];
    record = SendRecord{};
    record.sequence_number = low(sequence_number);
    return record;
  }
  [[nodiscard]] SendRecord* find(std::int64_t sequence_number) noexcept {
    if (records_.empty()) {
      return nullptr;
    }
    SendRecord& record = records_[index(sequence_number)];
    return record.sequence_number == low(sequence_number) ? &record : nullptr;
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  // The records from this number on are wanted soon.
  void prefetch(std::int64_t sequence_number) const noexcept {
    constexpr std::int64_t kBurst = 6;
    for (std::int64_t ahead = 0; ahead < kBurst && !records_.empty(); ahead += 2) {
      __builtin_prefetch(&records_[index(sequence_number + ahead)], 1);
    }
  }

 private:
  [[nodiscard]] static std::uint32_t low(std::int64_t sequence_number) noexcept {
    return static_cast<std::uint32_t>(sequence_number);
  }
  [[nodiscard]] std::size_t index(std::int64_t sequence_number) const noexcept {
    return static_cast<std::size_t>(sequence_number) & (capacity_ - 1);
  }
  [[nodiscard]] const SendRecord& slot(std::int64_t sequence_number) const noexcept {
    return records_[index(sequence_number)];
  }

  std::size_t capacity_;
  std::vector<SendRecord, PacketAllocator<SendRecord>> records_;
};

}  // namespace tandem
