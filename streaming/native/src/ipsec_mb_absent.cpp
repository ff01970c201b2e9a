// Stands in for ipsec_mb_backend.cpp where the library's header was not installed when this was built.
#include "crypto_backend.hpp"

namespace tandem {

std::unique_ptr<CryptoBackend> open_ipsec_mb_backend(std::string& reason) {
  reason = "built without ipsec-mb: install libipsec-mb-dev and build again";
  return nullptr;
}

}  // namespace tandem
