// SPDX-License-Identifier: GPL-3.0-or-later
// BER as SNMP uses it (RFC 3417 section 8, X.690): a bounded cursor that decodes in place and a writer that
// fills a buffer from its end, so that every length is minimal. No allocation, no recursion. Definite lengths
// only.
#pragma once

#include <endian.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace outstation::snmp {

// Tags of RFC 1157, RFC 2578 and RFC 3416.
enum class Tag : std::uint8_t {
    none = 0x00,
    integer = 0x02,
    octet_string = 0x04,
    null = 0x05,
    oid = 0x06,
    sequence = 0x30,
    ip_address = 0x40,
    counter32 = 0x41,
    gauge32 = 0x42,
    time_ticks = 0x43,
    opaque = 0x44,
    counter64 = 0x46,
    no_such_object = 0x80,
    no_such_instance = 0x81,
    end_of_mib_view = 0x82,
    get_request = 0xa0,
    get_next_request = 0xa1,
    response = 0xa2,
    set_request = 0xa3,
    get_bulk_request = 0xa5,
    report = 0xa8,
};

struct Tlv {
    Tag tag = Tag::none;
    std::string_view content;
};

// Walks over bytes; never reads outside them.
class Cursor {
  public:
    Cursor() = default;
    explicit Cursor(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }

    // `n` bytes of the rest, which has them.
    void skip(std::size_t n) { rest_.remove_prefix(n); }

    // Takes the next element; false (and nothing is taken) when it is cut or its length is indefinite or too
    // long.
    [[nodiscard]] bool take(Tlv& out) {
        if (rest_.size() < 2) return false;
        const auto* p = reinterpret_cast<const unsigned char*>(rest_.data());
        std::size_t header = 2;
        std::size_t length = p[1];
        if ((length & 0x80U) != 0) {
            const std::size_t n = length & 0x7fU;
            if (n == 0 || n > 4 || rest_.size() < 2 + n) return false;
            length = 0;
            for (std::size_t i = 0; i < n; ++i) length = length << 8 | p[2 + i];
            header += n;
        }
        if (rest_.size() - header < length) return false;
        out.tag = static_cast<Tag>(p[0]);
        out.content = rest_.substr(header, length);
        rest_.remove_prefix(header + length);
        return true;
    }
    // Takes the next element when it has the tag.
    [[nodiscard]] bool take(Tag tag, std::string_view& content) {
        Tlv tlv;
        if (!take(tlv) || tlv.tag != tag) return false;
        content = tlv.content;
        return true;
    }

  private:
    std::string_view rest_;
};

// Two's complement, 1 to 8 bytes.
[[nodiscard]] inline bool parse_signed(std::string_view content, std::int64_t& out) {
    if (content.empty() || content.size() > 8) return false;
    std::uint64_t value = (static_cast<unsigned char>(content[0]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
    for (const char c : content) value = value << 8 | static_cast<unsigned char>(c);
    out = static_cast<std::int64_t>(value);
    return true;
}

// Unsigned, up to 64 bits; a leading zero byte is allowed. Agents that forget it are understood as they mean
// it.
[[nodiscard]] inline bool parse_unsigned(std::string_view content, std::uint64_t& out) {
    if (content.empty() || content.size() > 9 || (content.size() == 9 && content[0] != 0)) return false;
    std::uint64_t value = 0;
    for (const char c : content) value = value << 8 | static_cast<unsigned char>(c);
    out = value;
    return true;
}

// The eight bytes in front of `end` as one number; they have to be there.
[[nodiscard]] inline std::uint64_t load_big_endian(const char* end) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, end - sizeof bytes, sizeof bytes);
    return be64toh(bytes);
}

// Fills a buffer from its end to its front. Once it is full `ok()` stays false and nothing more is written.
class BackWriter {
  public:
    explicit BackWriter(std::span<char> buffer)
        : begin_(buffer.data()), front_(buffer.data() + buffer.size()), end_(front_) {}
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::string_view bytes() const { return {front_, static_cast<std::size_t>(end_ - front_)}; }
    // Where we are, to close an element with later.
    [[nodiscard]] std::size_t mark() const { return static_cast<std::size_t>(end_ - front_); }

    void put(std::string_view bytes) {
        if (bytes.empty() || !reserve(bytes.size())) return;  // memcpy takes no null pointer
        front_ -= bytes.size();
        std::memcpy(front_, bytes.data(), bytes.size());
    }
    // Room for `n` bytes in front, for the caller to fill; nullptr: there is none.
    [[nodiscard]] char* reserve_front(std::size_t n) {
        if (!reserve(n)) return nullptr;
        front_ -= n;
        return front_;
    }
    // What was written, to be changed in place: all of it, or the `size` bytes that begin at a mark.
    [[nodiscard]] std::span<char> written() { return {front_, end_}; }
    [[nodiscard]] std::span<char> at(std::size_t mark, std::size_t size) { return {end_ - mark, size}; }
    // Zeros behind everything written so far, which moves forward.
    void append_zeros(std::size_t n) {
        if (n == 0 || !reserve(n)) return;
        std::memmove(front_ - n, front_, mark());
        std::memset(end_ - n, 0, n);
        front_ -= n;
    }
    // Tag and length of everything written since `mark`.
    void close(Tag tag, std::size_t mark) { head(tag, this->mark() - mark); }
    void element(Tag tag, std::string_view content) {
        put(content);
        head(tag, content.size());
    }
    void integer(std::int64_t value) {
        char bytes[8];
        int n = 0;
        do {
            bytes[7 - n++] = static_cast<char>(value & 0xff);
            value >>= 8;
        } while (n < 8 && !((value == 0 && (bytes[8 - n] & '\x80') == 0) ||
                            (value == -1 && (bytes[8 - n] & '\x80') != 0)));
        element(Tag::integer, std::string_view(bytes + 8 - n, static_cast<std::size_t>(n)));
    }

  private:
    [[nodiscard]] bool reserve(std::size_t n) {
        if (static_cast<std::size_t>(front_ - begin_) < n) ok_ = false;
        return ok_;
    }
    void byte(std::size_t value) {
        if (reserve(1)) *--front_ = static_cast<char>(value);
    }
    void head(Tag tag, std::size_t length) {
        if (length < 0x80) {
            byte(length);
        } else {
            std::size_t n = 0;
            for (std::size_t rest = length; rest != 0; rest >>= 8, ++n) byte(rest & 0xff);
            byte(0x80 | n);
        }
        byte(static_cast<std::size_t>(tag));
    }

    char* begin_;
    char* front_;
    char* end_;
    bool ok_ = true;
};

}  // namespace outstation::snmp
