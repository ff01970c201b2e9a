// What fuzz targets check beside memory safety: an invariant that fails is a crash with its input kept.
#pragma once

#include <cstdlib>

namespace tandem::fuzzing {

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace tandem::fuzzing
