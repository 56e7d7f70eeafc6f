// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed streams: the worked example of docs/formats/backup.md, round trips, and every way to tamper.
#include "lib/crypto/sealed_stream.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "lib/crypto/bytes.hpp"

namespace outstation::crypto {
namespace {

constexpr ScryptCost kCheap{4, 1, 1};
constexpr std::size_t kSealedChunk = kStreamChunkBytes + kStreamTagBytes;

std::string sealed_of(std::string_view plain, std::string_view passphrase = "correct horse",
                      ScryptCost cost = kCheap) {
    auto writer = SealedStreamWriter::make(passphrase, cost).value();
    std::string out;
    // In uneven parts, as files come.
    for (std::size_t at = 0; at < plain.size(); at += 50'001)
        EXPECT_TRUE(writer.write(plain.substr(at, 50'001), out));
    EXPECT_TRUE(writer.finish(out));
    return out;
}

Result<std::string> opened(std::string_view sealed, const std::string& passphrase = "correct horse",
                           std::size_t part = 30'011) {
    SealedStreamReader reader{WipedBytes(passphrase)};
    std::string out;
    for (std::size_t at = 0; at < sealed.size(); at += part) {
        if (auto ok = reader.read(sealed.substr(at, part), out); !ok) return fail(ok.error());
    }
    if (auto ok = reader.finish(out); !ok) return fail(ok.error());
    return out;
}

// The hexadecimal digits of the block "```hex sealed" of the page.
std::string documented() {
    std::ifstream page("docs/formats/backup.md");
    std::string out;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.rfind("```", 0) == 0) {
            inside = line == "```hex sealed";
        } else if (inside) {
            for (const char c : line) out += c == ' ' ? "" : std::string(1, c);
        }
    }
    return out;
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += kDigits[static_cast<std::uint8_t>(c) >> 4U];
        out += kDigits[static_cast<std::uint8_t>(c) & 15U];
    }
    return out;
}

TEST(SealedStreamTest, TheWorkedExampleIsWhatTheCodeMakes) {
    std::string salt;
    for (char i = 0; i < 16; ++i) salt += i;
    auto writer = SealedStreamWriter::make_with_salt("data room", kStreamCost, salt);
    ASSERT_TRUE(writer);
    std::string out;
    ASSERT_TRUE(writer->write("hello, backup", out));
    ASSERT_TRUE(writer->finish(out));
    EXPECT_EQ(hex_of(out), documented());
    EXPECT_EQ(opened(out, "data room").value(), "hello, backup");
}

TEST(SealedStreamTest, OpensWhatItSealedInPartsOfAnySize) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, kStreamChunkBytes - 1, kStreamChunkBytes, kStreamChunkBytes + 1,
          3 * kStreamChunkBytes, 3 * kStreamChunkBytes + 777}) {
        const std::string plain = random_bytes(size).value();
        const std::string sealed = sealed_of(plain);
        const std::size_t chunks = size == 0 ? 1 : (size + kStreamChunkBytes - 1) / kStreamChunkBytes;
        EXPECT_EQ(sealed.size(), kStreamHeaderBytes + size + chunks * kStreamTagBytes);
        for (const std::size_t part : {std::size_t{7}, std::size_t{65'552}, std::size_t{1'000'000}})
            EXPECT_EQ(opened(sealed, "correct horse", part).value_or("?"), plain) << size << " " << part;
    }
}

TEST(SealedStreamTest, AnotherPassphraseIsToldFromDamage) {
    const std::string sealed = sealed_of("the plain text");
    for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"})
        EXPECT_EQ(opened(sealed, wrong).error().code, ErrorCode::refused);
}

TEST(SealedStreamTest, NoOctetCanBeChanged) {
    const std::string plain = random_bytes(200).value();
    const std::string sealed = sealed_of(plain);
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        for (const char mask : {'\x01', '\x80'}) {
            std::string changed = sealed;
            changed[at] = static_cast<char>(changed[at] ^ mask);
            EXPECT_FALSE(opened(changed)) << at;
        }
    }
}

TEST(SealedStreamTest, NoOctetOfALongStreamCanBeChanged) {
    const std::string sealed = sealed_of(random_bytes(3 * kStreamChunkBytes).value());
    for (std::size_t at = 0; at < sealed.size(); at += 997) {
        std::string changed = sealed;
        changed[at] = static_cast<char>(changed[at] ^ 4);
        EXPECT_FALSE(opened(changed)) << at;
    }
}

TEST(SealedStreamTest, ItCannotBeCutAnywhere) {
    const std::string small = sealed_of("twelve chars");
    for (std::size_t size = 0; size < small.size(); ++size)
        EXPECT_FALSE(opened(std::string_view(small).substr(0, size))) << size;
    const std::string large = sealed_of(random_bytes(3 * kStreamChunkBytes).value());
    // Also where a chunk ends.
    for (std::size_t chunks = 0; chunks < 3; ++chunks) {
        const auto cut = std::string_view(large).substr(0, kStreamHeaderBytes + chunks * kSealedChunk);
        EXPECT_FALSE(opened(cut)) << chunks;
    }
    EXPECT_FALSE(opened(small + "x"));
    EXPECT_FALSE(opened(large + large.substr(kStreamHeaderBytes)));
}

TEST(SealedStreamTest, ChunksCannotChangePlacesOrComeFromElsewhere) {
    const std::string plain = random_bytes(3 * kStreamChunkBytes).value();
    const std::string one = sealed_of(plain);
    const std::string other = sealed_of(plain);
    const auto chunk = [](const std::string& of, std::size_t n) {
        return of.substr(kStreamHeaderBytes + n * kSealedChunk, kSealedChunk);
    };
    const std::string head = one.substr(0, kStreamHeaderBytes);
    ASSERT_TRUE(opened(head + chunk(one, 0) + chunk(one, 1) + chunk(one, 2)));
    EXPECT_FALSE(opened(head + chunk(one, 1) + chunk(one, 0) + chunk(one, 2)));
    EXPECT_FALSE(opened(head + chunk(one, 0) + chunk(one, 2)));
    EXPECT_FALSE(opened(head + chunk(one, 0) + chunk(one, 0) + chunk(one, 1) + chunk(one, 2)));
    EXPECT_FALSE(opened(head + chunk(one, 0) + chunk(other, 1) + chunk(one, 2)));
}

TEST(SealedStreamTest, AHeaderThatAsksForTooMuchIsRefusedBeforeTheWork) {
    const std::string sealed = sealed_of("x");
    const auto with = [&](std::size_t at, int value) {
        std::string out = sealed;
        out[at] = static_cast<char>(value);
        return opened(out).error().code;
    };
    EXPECT_EQ(with(11, 19), ErrorCode::exhausted);
    EXPECT_EQ(with(11, 0), ErrorCode::exhausted);
    EXPECT_EQ(with(12, 9), ErrorCode::exhausted);
    EXPECT_EQ(with(13, 255), ErrorCode::exhausted);
    EXPECT_EQ(with(8, 2), ErrorCode::refused);
    EXPECT_FALSE(SealedStreamWriter::make("x", {19, 8, 1}));
}

}  // namespace
}  // namespace outstation::crypto
