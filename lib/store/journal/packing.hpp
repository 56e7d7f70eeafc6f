// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and octets one behind the other, little-endian, and back. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/store/journal/crc32c.hpp"

namespace outstation::store {

class Packer {
  public:
    template <typename T>
    Packer& put(T value) {
        const auto bits = static_cast<std::uint64_t>(value);
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bytes_.push_back(static_cast<char>((bits >> (8 * i)) & 0xff));
        return *this;
    }
    Packer& put(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }
    Packer& put_crc(std::uint32_t seed = 0) { return put(crc32c(bytes_, seed)); }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

// Bounded cursor; the caller has checked the total length.
class Unpacker {
  public:
    explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
    template <typename T>
    T get() {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bits |= std::uint64_t{static_cast<unsigned char>(bytes_[at_ + i])} << (8 * i);
        at_ += sizeof(T);
        return static_cast<T>(bits);
    }
    std::string_view bytes(std::size_t octets) {
        const auto out = bytes_.substr(at_, octets);
        at_ += octets;
        return out;
    }
    [[nodiscard]] std::size_t position() const { return at_; }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

// The checksum stands right behind the bytes that it covers.
[[nodiscard]] inline bool crc_holds(std::string_view bytes, std::size_t covered, std::uint32_t seed = 0) {
    Unpacker in(bytes.substr(covered, 4));
    return in.get<std::uint32_t>() == crc32c(bytes.substr(0, covered), seed);
}

}  // namespace outstation::store
