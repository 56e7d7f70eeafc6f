// SPDX-License-Identifier: GPL-3.0-or-later
// Packing of answers: who gets it, and that it unpacks to the same.
#include "daemons/webd/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace outstation::webd {
namespace {

std::string unpacked(const std::string& bytes, std::size_t size) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(size + 1, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    inflateEnd(&stream);
    return out;
}

http::Response packed(const std::string& body, const std::string& accepted, bool cookie = false) {
    http::Request request;
    if (!accepted.empty()) request.headers = {{"accept-encoding", accepted}};
    auto response = http::Response::of(200, "application/json", body);
    if (cookie) response.with("Set-Cookie", "a=b");
    pack(request, response);
    return response;
}

std::string header(const http::Response& response, const std::string& name) {
    for (const http::Field& field : response.headers) {
        if (field.name == name) return field.value;
    }
    return "";
}

TEST(GzipTest, LargeAnswersArePackedForThoseWhoTakeIt) {
    for (const std::size_t size : {kLeastPackedBytes, std::size_t{100'000}, std::size_t{3'000'000}}) {
        std::string text;
        while (text.size() < size) text += "{\"value\": " + std::to_string(text.size()) + "},";
        const auto response = packed(text, "gzip, deflate, br");
        EXPECT_EQ(header(response, "Content-Encoding"), "gzip");
        EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
        EXPECT_LT(response.body->size(), text.size() / 2);
        EXPECT_EQ(unpacked(*response.body, text.size()), text);
    }
}

TEST(GzipTest, OthersGetItPlain) {
    const std::string text(5000, 'a');
    for (const char* accepted : {"", "br", "gzip;q=0"}) {
        const auto response = packed(text, accepted);
        EXPECT_EQ(*response.body, text) << accepted;
        EXPECT_EQ(header(response, "Content-Encoding"), "");
        EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
    }
    EXPECT_EQ(*packed(std::string(kLeastPackedBytes - 1, 'a'), "gzip").body,
              std::string(kLeastPackedBytes - 1, 'a'));
    EXPECT_EQ(*packed(text, "gzip", true).body, text);
}

TEST(GzipTest, WhatDoesNotGetSmallerStaysAsItIs) {
    std::string noise;
    std::uint32_t state = 1;
    for (int i = 0; i < 5000; ++i) {
        state = state * 1664525 + 1013904223;
        noise += static_cast<char>(state >> 24U);
    }
    EXPECT_EQ(*packed(noise, "gzip").body, noise);
}

}  // namespace
}  // namespace outstation::webd
