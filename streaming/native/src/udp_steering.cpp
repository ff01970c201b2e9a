#include "udp_steering.hpp"

#include <linux/filter.h>
#include <sys/socket.h>

#include <array>

namespace tandem {

bool steer_by_kind(int descriptor, bool is_v6, std::uint32_t workers) noexcept {
  constexpr auto kNetworkHeader = static_cast<std::uint32_t>(SKF_NET_OFF);
  // Of the sender: the last four bytes of the address; the port, behind a header without options. With
  // options other bytes are taken for it, the same ones for all of a sender's datagrams.
  const std::uint32_t address = kNetworkHeader + (is_v6 ? 20U : 12U);
  const std::uint32_t port = kNetworkHeader + (is_v6 ? 40U : 20U);
  constexpr std::uint32_t kGoldenRatio = 2'654'435'769U;  // 2^32 / 1.618: neighbouring ports are far apart
  // A datagram too short for a load goes to the first socket.
  std::array<sock_filter, 21> program{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xC0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x80, 0, 3),  // neither RTP nor RTCP
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 192, 0, 3),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 223, 2, 0),
      BPF_STMT(BPF_LD | BPF_IMM, 1),
      BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
      BPF_STMT(BPF_LD | BPF_IMM, 0),
      BPF_STMT(BPF_ST, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, address),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, port),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, kGoldenRatio),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, workers),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1),
      BPF_STMT(BPF_LDX | BPF_MEM, 0),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_STMT(BPF_RET | BPF_A, 0),
  }};
  const sock_fprog description{.len = program.size(), .filter = program.data()};
  return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &description, sizeof description) ==
         0;
}

}  // namespace tandem
