// Which of the sockets that share a port gets a datagram: media and all else apart, senders spread over
// workers.
//
// The kernel asks a program of ours. A flood of checks or reports then fills its own buffer and not the
// media's, and who waits for media is not woken by the reports of a thousand subscribers.
#pragma once

#include <cstdint>

namespace tandem {

// The sockets of `descriptor`'s port are, in the order in which they were bound: for each worker one for RTP,
// then one for everything else (RFC 7983, RFC 5761 section 4). A sender's datagrams all go to one worker.
// False where the kernel takes no such program (before Linux 4.5): it spreads by its own hash then.
[[nodiscard]] bool steer_by_kind(int descriptor, bool is_v6, std::uint32_t workers) noexcept;

}  // namespace tandem
