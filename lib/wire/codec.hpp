// SPDX-License-Identifier: GPL-3.0-or-later
// How wire.hpp works: a struct lists its fields once, `template <class V, class S> static void fields(V& v,
// S& s)` with v(number, s.member), and both directions follow from that list. Included by the .cpp files of
// lib/wire only.
#pragma once

#include <cstdint>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "lib/model/record.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::wire::detail {

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
void write_message(protozero::pbf_writer& out, const T& message);

// Writes the fields of one message; values equal to the proto3 default are left out.
class Writer {
  public:
    explicit Writer(protozero::pbf_writer& out) : out_(out) {}

    template <typename T>
    void operator()(std::uint32_t tag, const T& value) {
        if constexpr (IsOptional<T>::value) {
            if (value) put(tag, *value);
        } else if constexpr (IsVector<T>::value) {
            put_all(tag, value);
        } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
            if (value != T{}) put(tag, value);
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!value.empty()) put(tag, value);
        } else {
            put(tag, value);
        }
    }

  private:
    template <typename T>
    void put(std::uint32_t tag, const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            out_.add_bool(tag, value);
        } else if constexpr (std::is_enum_v<T>) {
            out_.add_uint64(tag, static_cast<std::uint64_t>(value));
        } else if constexpr (std::is_floating_point_v<T>) {
            out_.add_double(tag, value);
        } else if constexpr (std::is_unsigned_v<T>) {
            out_.add_uint64(tag, value);
        } else if constexpr (std::is_signed_v<T>) {
            out_.add_sint64(tag, value);
        } else if constexpr (std::is_same_v<T, std::string>) {
            out_.add_bytes(tag, value);
        } else {
            protozero::pbf_writer nested(out_, tag);
            write_message(nested, value);
        }
    }

    template <typename T>
    void put_all(std::uint32_t tag, const std::vector<T>& values) {
        if (values.empty()) return;
        if constexpr (std::is_floating_point_v<T>) {
            out_.add_packed_double(tag, values.begin(), values.end());
        } else if constexpr (std::is_unsigned_v<T>) {
            out_.add_packed_uint64(tag, values.begin(), values.end());
        } else if constexpr (std::is_signed_v<T>) {
            out_.add_packed_sint64(tag, values.begin(), values.end());
        } else {
            for (const T& value : values) put(tag, value);
        }
    }

    protozero::pbf_writer& out_;
};

template <typename T>
void write_message(protozero::pbf_writer& out, const T& message) {
    Writer writer(out);
    T::fields(writer, message);
}

struct Malformed {
    std::uint32_t tag;
    const char* reason;
};

template <typename T>
void read_message(protozero::pbf_reader in, T& message);

// Reads the one field the reader stands on, if the message has it.
class FieldReader {
  public:
    explicit FieldReader(protozero::pbf_reader& in) : in_(in), tag_(in.tag()) {}
    [[nodiscard]] bool found() const { return found_; }

    template <typename T>
    void operator()(std::uint32_t tag, T& value) {
        if (found_ || tag != tag_) return;
        found_ = true;
        if constexpr (IsOptional<T>::value) {
            get(value.emplace());
        } else if constexpr (IsVector<T>::value) {
            get_all(value);
        } else {
            get(value);
        }
    }

  private:
    void expect(protozero::pbf_wire_type type) const {
        if (in_.wire_type() != type) throw Malformed{tag_, "wrong wire type"};
    }

    template <typename T>
    void get(T& value) {
        if constexpr (std::is_floating_point_v<T>) {
            expect(protozero::pbf_wire_type::fixed64);
            value = in_.get_double();
        } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
            expect(protozero::pbf_wire_type::varint);
            get_integer(value);
        } else {
            expect(protozero::pbf_wire_type::length_delimited);
            if constexpr (std::is_same_v<T, std::string>) {
                const auto view = in_.get_view();
                value.assign(view.data(), view.size());
            } else {
                read_message(in_.get_message(), value);
            }
        }
    }

    template <typename T>
    void get_integer(T& value) {
        if constexpr (std::is_signed_v<T> && !std::is_enum_v<T>) {
            value = static_cast<T>(in_.get_sint64());
        } else if constexpr (std::is_same_v<T, bool>) {
            value = in_.get_uint64() != 0;
        } else {
            const std::uint64_t number = in_.get_uint64();
            using Raw = typename std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>,
                                                    std::type_identity<T>>::type;
            if (number > std::uint64_t{static_cast<std::make_unsigned_t<Raw>>(-1)})
                throw Malformed{tag_, "number too large"};
            if constexpr (std::is_same_v<T, StreamId>) {
                // 0 is no stream, and would be taken for the default when it is written again.
                if (!stream_from(number)) throw Malformed{tag_, "no such stream"};
            }
            value = static_cast<T>(number);
        }
    }

    template <typename T>
    void get_all(std::vector<T>& values) {
        if constexpr (std::is_arithmetic_v<T>) {
            expect(protozero::pbf_wire_type::length_delimited);
            if constexpr (std::is_floating_point_v<T>) {
                for (const double v : in_.get_packed_double()) values.push_back(v);
            } else if constexpr (std::is_signed_v<T>) {
                for (const auto v : in_.get_packed_sint64()) values.push_back(static_cast<T>(v));
            } else {
                get_packed_unsigned(values);
            }
        } else {
            if (values.size() >= kMaxElements) throw Malformed{tag_, "too many elements"};
            get(values.emplace_back());
        }
    }

    template <typename T>
    void get_packed_unsigned(std::vector<T>& values) {
        for (const auto v : in_.get_packed_uint64()) {
            if (v > std::uint64_t{static_cast<T>(-1)}) throw Malformed{tag_, "number too large"};
            values.push_back(static_cast<T>(v));
        }
    }

    protozero::pbf_reader& in_;
    std::uint32_t tag_;
    bool found_ = false;
};

template <typename T>
void read_message(protozero::pbf_reader in, T& message) {
    while (in.next()) {
        FieldReader field(in);
        T::fields(field, message);
        if (!field.found()) in.skip();
    }
}

}  // namespace outstation::wire::detail

namespace outstation::wire {

template <typename Message>
std::string encode(const Message& message) {
    std::string bytes;
    protozero::pbf_writer out(bytes);
    detail::write_message(out, message);
    return bytes;
}

template <typename Message>
Result<Message> decode(std::string_view bytes) {
    Message message;
    try {
        detail::read_message(protozero::pbf_reader(bytes.data(), bytes.size()), message);
    } catch (const detail::Malformed& what) {
        return fail(ErrorCode::malformed,
                    std::string(Message::kName) + " field " + std::to_string(what.tag) + ": " + what.reason);
    } catch (const protozero::exception& what) {
        return fail(ErrorCode::malformed, std::string(Message::kName) + ": " + what.what());
    }
    return message;
}

// Each .cpp of lib/wire instantiates its messages with this.
#define OUTSTATION_WIRE_MESSAGE(M)         \
    template std::string encode(const M&); \
    template Result<M> decode<M>(std::string_view)

}  // namespace outstation::wire
