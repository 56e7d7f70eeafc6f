// SPDX-License-Identifier: GPL-3.0-or-later
// The small pieces of the columns' bytes: variable-length numbers, a bounded cursor, packed bits. Numbers are
// little-endian. Pure functions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace outstation::store::columns {

// Seven bits an octet, the lowest first; the top bit says that another follows.
inline void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

// 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ...
[[nodiscard]] constexpr std::uint64_t zigzag(std::uint64_t difference) {
    return (difference << 1) ^ (0 - (difference >> 63));
}
[[nodiscard]] constexpr std::uint64_t unzigzag(std::uint64_t value) {
    return (value >> 1) ^ (0 - (value & 1));
}

// Little-endian numbers to what this machine has, and back: compilers make nothing of it, or a swap.
[[nodiscard]] constexpr std::uint64_t little_endian(std::uint64_t value) {
    return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}
[[nodiscard]] inline std::uint64_t load_u64(const char* octets) {
    std::uint64_t value = 0;
    std::memcpy(&value, octets, sizeof value);
    return little_endian(value);
}

template <typename T>
void put_fixed(std::string& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xff));
}

// Reads from bytes that may be hostile. Past the end, or at a number that is too long, it fails once and for
// all: everything reads as zero and ok() is false. So a caller checks once, after a part, and before it
// trusts a length.
class Cursor {
  public:
    explicit Cursor(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    std::uint8_t octet() {
        if (at_ == end_) return static_cast<std::uint8_t>(broken());
        return static_cast<std::uint8_t>(*at_++);
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t byte = octet();
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) return shift == 63 && byte > 1 ? broken() : value;
        }
        return broken();
    }
    // A number that must not be above `limit`.
    std::uint64_t varint_up_to(std::uint64_t limit) {
        const std::uint64_t value = varint();
        return value <= limit ? value : broken();
    }
    template <typename T>
    T fixed() {
        const std::string_view part = bytes(sizeof(T));
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < part.size(); ++i)
            value |= std::uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
        return static_cast<T>(value);
    }
    // All of `octets`, or nothing.
    std::string_view bytes(std::uint64_t octets) {
        if (octets > left()) {
            broken();
            return {};
        }
        const std::string_view out(at_, static_cast<std::size_t>(octets));
        at_ += octets;
        return out;
    }
    // Makes this and all later reads fail, for a value that the caller found wrong.
    std::uint64_t broken() {
        ok_ = false;
        at_ = end_;
        return 0;
    }

  private:
    const char* at_;
    const char* end_;
    bool ok_ = true;
};

// No packed number is wider.
inline constexpr unsigned kMaxPackedBits = 56;

[[nodiscard]] constexpr std::uint64_t octets_of_bits(std::uint64_t bits) {
    return (bits + 7) / 8;
}

// Numbers of 0 to kMaxPackedBits bits one behind another, from the lowest bit of the first octet on. Room for
// many of them is made at once, so that putting one is without a branch.
class BitWriter {
  public:
    // There is room for so many bits behind `out`, which is whole after finish().
    BitWriter(std::string& out, std::size_t most_bits) : out_(out), at_(out.data() + out.size()) {
        make_room(most_bits);
    }
    // For as many more as these, from here on.
    void make_room(std::size_t most_bits) {
        const auto used = static_cast<std::size_t>(at_ - out_.data());
        const std::size_t needed = used + octets_of_bits(held_ + most_bits) + sizeof pending_;
        if (needed <= out_.size()) return;
        out_.resize(needed + used / 2);
        at_ = out_.data() + used;
    }
    void put(std::uint64_t value, unsigned bits) {
        pending_ |= (value & ((std::uint64_t{1} << bits) - 1)) << held_;
        held_ += bits;
        const std::uint64_t ordered = little_endian(pending_);
        std::memcpy(at_, &ordered, sizeof ordered);
        at_ += held_ / 8;
        pending_ >>= held_ / 8 * 8;
        held_ %= 8;
    }
    // Fills the last octet with zeros.
    void finish() { out_.resize(static_cast<std::size_t>(at_ - out_.data()) + (held_ > 0 ? 1 : 0)); }

  private:
    std::string& out_;
    char* at_;  // the octet that is not full
    std::uint64_t pending_ = 0;
    unsigned held_ = 0;
};

// The caller has checked that the bits are there.
class BitReader {
  public:
    explicit BitReader(std::string_view bytes, std::size_t at = 0) : bytes_(bytes), at_(at) {}
    std::uint64_t get(unsigned bits) {
        const std::uint64_t value = (load(at_ / 8) >> (at_ % 8)) & ((std::uint64_t{1} << bits) - 1);
        at_ += bits;
        return value;
    }
    // In bits.
    [[nodiscard]] std::size_t position() const { return at_; }

  private:
    [[nodiscard]] std::uint64_t load(std::size_t octet) const {
        if (octet + 8 <= bytes_.size()) return load_u64(bytes_.data() + octet);
        char last[8] = {};
        if (octet < bytes_.size()) bytes_.copy(last, 8, octet);
        return load_u64(last);
    }
    std::string_view bytes_;
    std::size_t at_;
};

}  // namespace outstation::store::columns
