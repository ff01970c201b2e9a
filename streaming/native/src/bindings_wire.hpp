// The test face of the wire layer: submodule `wire` of the extension. Bytes in, plain values out; used by the
// differential tests alone, never by the product.
#pragma once

#include <nanobind/nanobind.h>

namespace tandem {

void bind_wire(nanobind::module_& extension);

}  // namespace tandem
