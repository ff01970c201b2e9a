// Addresses as the system calls take them, and as text.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "address.hpp"

namespace tandem {

// A text address ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"); false if it is none.
bool parse_address(const std::string& text, std::uint16_t port, Address& address);
[[nodiscard]] std::string format_address(const Address& address);

// Returns the length that is used: IPv4 addresses fit in the storage of IPv6 ones.
socklen_t to_socket_address(const Address& address, sockaddr_in6& storage) noexcept;
[[nodiscard]] Address from_socket_address(const sockaddr_in6& storage) noexcept;

}  // namespace tandem
