#include "bindings_wire.hpp"

#include "bindings_wire_parts.hpp"

namespace tandem {

void bind_wire(nanobind::module_& extension) {
  nanobind::module_ wire =
      extension.def_submodule("wire", "The wire layer's test face; see tests/streaming.");
  bind_srtp(wire);
  bind_rtp(wire);
  bind_codecs(wire);
  bind_rtcp(wire);
  bind_stun(wire);
}

}  // namespace tandem
