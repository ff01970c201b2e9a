// A connectivity check of the controlling agent (RFC 8445 7.2.2), which also keeps consent alive (RFC 7675).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace light {

// `username` is "remote ufrag:local ufrag", `password` the remote one. Each call has a new transaction id.
[[nodiscard]] std::vector<std::uint8_t> make_check(const std::string& username, const std::string& password);

}  // namespace light
