// UDP addresses as values: comparable, hashable, independent of sockaddr.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>

namespace tandem {

struct Address {
  std::array<std::uint8_t, 16> ip{};  // network byte order; the first four bytes for IPv4
  std::uint32_t scope_id = 0;         // of an IPv6 link-local address
  std::uint16_t port = 0;             // host byte order
  bool is_v6 = false;
  bool operator==(const Address&) const = default;
};

// Where a datagram came from, and hence the way back: the remote address and the socket it was received on.
struct Path {
  Address remote;
  std::uint16_t socket = 0;
  bool operator==(const Path&) const = default;
};

struct PathHash {
  [[nodiscard]] std::size_t operator()(const Path& path) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, path.remote.ip.data(), sizeof high);
    std::memcpy(&low, path.remote.ip.data() + sizeof high, sizeof low);
    std::uint64_t mixed = high * 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ low) * 0xC2B2AE3D27D4EB4FU;
    mixed ^= (std::uint64_t{path.remote.port} << 16U) | path.socket;
    mixed *= 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(mixed ^ (mixed >> 29U));
  }
};

}  // namespace tandem
