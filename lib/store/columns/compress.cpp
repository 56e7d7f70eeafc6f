// SPDX-License-Identifier: GPL-3.0-or-later
// zstd, with one context a thread.
#include "lib/store/columns/compress.hpp"

#include <zstd.h>

#include <memory>

namespace outstation::store::columns {
namespace {

constexpr int kLevel = 1;

template <typename Context>
using Held = std::unique_ptr<Context, std::size_t (*)(Context*)>;

ZSTD_CCtx* compressor() {
    thread_local const Held<ZSTD_CCtx> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    return context.get();
}

ZSTD_DCtx* decompressor() {
    thread_local const Held<ZSTD_DCtx> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    return context.get();
}

}  // namespace

std::size_t append_compressed(std::string& out, std::string_view plain) {
    const std::size_t at = out.size();
    out.resize(at + ZSTD_compressBound(plain.size()));
    std::size_t octets =
        ZSTD_compressCCtx(compressor(), out.data() + at, out.size() - at, plain.data(), plain.size(), kLevel);
    if (ZSTD_isError(octets) != 0 || octets >= plain.size()) {
        plain.copy(out.data() + at, plain.size());
        octets = plain.size();
    }
    out.resize(at + octets);
    return octets;
}

Result<std::string> decompress(std::string_view part, std::size_t plain_octets) {
    if (part.size() == plain_octets) return std::string(part);
    if (plain_octets > kMaxPlainOctets || part.size() > plain_octets)
        return fail(ErrorCode::malformed, "compressed part is too large");
    // The frame says its size, so that nothing is allocated on a false promise.
    if (ZSTD_getFrameContentSize(part.data(), part.size()) != plain_octets)
        return fail(ErrorCode::malformed, "compressed part is of another size");
    std::string plain(plain_octets, '\0');
    const std::size_t octets =
        ZSTD_decompressDCtx(decompressor(), plain.data(), plain.size(), part.data(), part.size());
    if (ZSTD_isError(octets) != 0 || octets != plain_octets)
        return fail(ErrorCode::malformed, "compressed part does not decompress");
    return plain;
}

}  // namespace outstation::store::columns
