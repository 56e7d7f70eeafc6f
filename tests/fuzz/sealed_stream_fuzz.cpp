// SPDX-License-Identifier: GPL-3.0-or-later
// Any octets behind a true header as a sealed stream: nothing comes out but what a writer with that header
// made.
#include <algorithm>
#include <cstdlib>

#include "lib/crypto/sealed_stream.hpp"

namespace {

using namespace outstation::crypto;

constexpr ScryptCost kCheap{1, 1, 1};
constexpr std::string_view kPassphrase = "the data room";

SealedStreamWriter writer() {
    return SealedStreamWriter::make_with_salt(kPassphrase, kCheap, std::string(kStreamSaltBytes, 's'))
        .value();
}

std::string seal(std::string_view plain) {
    std::string out;
    auto sealer = writer();
    if (!sealer.write(plain, out) || !sealer.finish(out)) std::abort();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string header = seal("").substr(0, kStreamHeaderBytes);
    const std::string bytes = header + std::string(reinterpret_cast<const char*>(data), size);
    SealedStreamReader reader{WipedBytes(kPassphrase)};
    std::string plain;
    // In parts, whose sizes the input says.
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t part =
            std::min<std::size_t>(bytes.size() - at, 1 + static_cast<unsigned char>(bytes[at]) % 61U * 331U);
        if (!reader.read(std::string_view(bytes).substr(at, part), plain)) return 0;
        at += part;
    }
    if (reader.finish(plain) && seal(plain) != bytes) std::abort();
    return 0;
}
