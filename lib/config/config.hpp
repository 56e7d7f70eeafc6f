// SPDX-License-Identifier: GPL-3.0-or-later
// YAML read by type: every mistake is found at once and told with file, line, column and what was expected;
// an unknown or doubled key is a mistake. Scalars have no type until the reader asks for one. The only user
// of yaml-cpp. Threads: a Document and its Mappings belong to one thread. Ownership: Mappings keep their
// Document alive.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/config/time_zone.hpp"
#include "lib/event/loop.hpp"
#include "lib/model/result.hpp"

namespace outstation::config {

inline constexpr std::size_t kMaxFileBytes = 1U << 20;

namespace detail {
struct Shared;
struct MappingState;
}  // namespace detail

// One mapping of the document. An absent one is empty: all its values are the defaults.
class Mapping {
  public:
    enum class Kind { absent, scalar, list, mapping };  // absent: no such key, or nothing behind it

    explicit Mapping(std::shared_ptr<detail::MappingState> state) : state_(std::move(state)) {}

    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const;
    [[nodiscard]] Kind kind(std::string_view key) const;
    void accept(std::string_view key);  // a known key, whatever it holds
    [[nodiscard]] std::string text(std::string_view key, std::string fallback);
    [[nodiscard]] std::string required_text(std::string_view key);
    [[nodiscard]] std::uint64_t integer(std::string_view key, std::uint64_t fallback, std::uint64_t min = 0,
                                        std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
    [[nodiscard]] double number(std::string_view key, double fallback);  // "0.1", "-40", "1e-3"
    [[nodiscard]] bool boolean(std::string_view key, bool fallback);     // true or false, nothing else
    // "500 ms", "10 s", "5 min", "2 h", "90 d".
    [[nodiscard]] Duration duration(std::string_view key, Duration fallback, Duration min, Duration max);
    // "512 MiB", "20 GiB", "1048576 B".
    [[nodiscard]] std::uint64_t bytes(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                                      std::uint64_t max);
    // One of the words; anything else is a mistake that lists them.
    [[nodiscard]] std::string choice(std::string_view key, std::string fallback,
                                     const std::vector<std::string>& words);
    // The name of a time zone ("Asia/Shanghai") that the database in `directory` has. Without a database
    // every name is a mistake, and the message says what is missing. The fallback is not looked up.
    [[nodiscard]] std::string time_zone(std::string_view key, std::string fallback,
                                        const std::string& directory = zoneinfo_directory());
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] Mapping mapping(std::string_view key);
    [[nodiscard]] std::vector<Mapping> mappings(std::string_view key);
    // One thing or a list of things, where a scalar is short for the mapping {word: scalar}.
    [[nodiscard]] std::vector<Mapping> items(std::string_view key, std::string_view word);

    // A mistake that only the caller can see, at the key's place (or the mapping's when there is no such
    // key).
    void problem(std::string_view key, std::string_view text);
    [[nodiscard]] std::string where() const;  // file:line:column

  private:
    std::shared_ptr<detail::MappingState> state_;
};

class Document {
  public:
    // `file` is only a name for messages. Text that is not YAML gives one problem.
    [[nodiscard]] static Document parse(std::string_view text, std::string file);
    // Fails when the file cannot be read or is larger than kMaxFileBytes.
    [[nodiscard]] static Result<Document> read(const std::string& path);

    [[nodiscard]] Mapping root();
    // All mistakes so far, in the order of lines, unknown keys among them: call it after everything was read.
    [[nodiscard]] std::vector<std::string> problems() const;
    // ok, or one config error whose text is all problems, one a line.
    [[nodiscard]] Result<void> check() const;

  private:
    explicit Document(std::shared_ptr<detail::Shared> shared) : shared_(std::move(shared)) {}
    std::shared_ptr<detail::Shared> shared_;
};

// "1 h 30" is not a duration; "90 min" is. Unit is required except for 0.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);
[[nodiscard]] std::string format_duration(Duration value);

}  // namespace outstation::config
