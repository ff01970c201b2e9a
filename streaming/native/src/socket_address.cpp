#include "socket_address.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <cstring>

namespace tandem {

bool parse_address(const std::string& text, std::uint16_t port, Address& address) {
  address = Address{};
  address.port = port;
  if (inet_pton(AF_INET, text.c_str(), address.ip.data()) == 1) {
    return true;
  }
  const std::size_t percent = text.find('%');
  address.is_v6 = true;
  if (percent != std::string::npos) {
    address.scope_id = if_nametoindex(text.c_str() + percent + 1);
  }
  return inet_pton(AF_INET6, text.substr(0, percent).c_str(), address.ip.data()) == 1;
}

std::string format_address(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.ip.data(), text.data(), text.size());
  return text.data();
}

socklen_t to_socket_address(const Address& address, sockaddr_in6& storage) noexcept {
  if (address.is_v6) {
    storage = {};
    storage.sin6_family = AF_INET6;
    storage.sin6_port = htons(address.port);
    storage.sin6_scope_id = address.scope_id;
    std::memcpy(&storage.sin6_addr, address.ip.data(), sizeof storage.sin6_addr);
    return sizeof(sockaddr_in6);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  std::memcpy(&v4.sin_addr, address.ip.data(), sizeof v4.sin_addr);
  std::memcpy(&storage, &v4, sizeof v4);
  return sizeof(sockaddr_in);
}

Address from_socket_address(const sockaddr_in6& storage) noexcept {
  Address address;
  if (storage.sin6_family == AF_INET6) {
    address.is_v6 = true;
    address.port = ntohs(storage.sin6_port);
    address.scope_id = storage.sin6_scope_id;
    std::memcpy(address.ip.data(), &storage.sin6_addr, sizeof storage.sin6_addr);
    return address;
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage, sizeof v4);
  address.port = ntohs(v4.sin_port);
  std::memcpy(address.ip.data(), &v4.sin_addr, sizeof v4.sin_addr);
  return address;
}

}  // namespace tandem
