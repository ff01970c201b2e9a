// Authentication tags that sealing left open. HMAC-SHA1 over one packet is a chain of blocks that leaves a
// wide CPU idle; over sixteen packets side by side it costs a quarter or less of the time. So a packet is
// encrypted when it is written, and its tag comes when its batch is run, before the packet leaves.
//
// Contract: what was given to a batch stays where it is until `run`; whoever sends (or copies) runs it first.
#pragma once

namespace tandem {

class SealBatch {
 public:
  SealBatch() = default;
  SealBatch(const SealBatch&) = delete;
  SealBatch& operator=(const SealBatch&) = delete;
  virtual ~SealBatch() = default;

  // Writes all open tags. Afterwards no packet's memory is referred to.
  virtual void run() noexcept = 0;
};

}  // namespace tandem
