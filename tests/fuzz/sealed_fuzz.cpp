// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a sealed secret: opened only when they are exactly what sealing makes.
#include <cstdlib>

#include "lib/crypto/sealed_box.hpp"

namespace {

using namespace outstation::crypto;

std::string counted(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += static_cast<char>(i);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string key = counted(kSealKeyBytes);
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto id = key_id_of_sealed(bytes);
    const auto opened = open_sealed(bytes, key, "room-community");
    if (!opened) return 0;
    if (!id || *id != seal_key_id(key) || !is_sealed(bytes)) std::abort();
    const auto again = seal_with_nonce(*opened, key, "room-community", static_cast<SealSuite>(bytes[5]),
                                       bytes.substr(16, kSealNonceBytes));
    if (!again || *again != bytes) std::abort();
    return 0;
}
