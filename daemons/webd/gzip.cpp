// SPDX-License-Identifier: GPL-3.0-or-later
// zlib around a body. The only user of zlib.
#include "daemons/webd/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <optional>

namespace outstation::webd {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, with the header of gzip
constexpr int kMemoryLevel = 8;
constexpr std::size_t kLargeBytes = 256U << 10;  // from here on speed counts more than size

std::optional<std::string> packed(const std::string& text) {
    z_stream stream{};
    const int level = text.size() >= kLargeBytes ? 1 : 6;
    if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
        return std::nullopt;
    std::string out(text.size(), '\0');  // larger than that is of no use
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return done ? std::optional(std::move(out)) : std::nullopt;
}

bool has(const http::Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [name](const http::Field& field) { return field.name == name; });
}

}  // namespace

void pack(const http::Request& request, http::Response& response) {
    constexpr std::size_t kMostBytes = 1U << 30;
    if (response.status != 200 || !response.body || response.body->size() < kLeastPackedBytes ||
        response.body->size() > kMostBytes || has(response, "Set-Cookie") ||
        has(response, "Content-Encoding"))
        return;
    response.with("Vary", "Accept-Encoding");
    if (!request.accepts_encoding("gzip")) return;
    auto small = packed(*response.body);
    if (!small) return;
    response.body = std::make_shared<const std::string>(std::move(*small));
    response.with("Content-Encoding", "gzip");
}

}  // namespace outstation::webd
