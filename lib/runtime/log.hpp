// SPDX-License-Identifier: GPL-3.0-or-later
// Log lines to standard error, one a line, control characters escaped: "2026-11-21T06:30:00.123Z info stored
// READY text". Under systemd a syslog priority replaces time and level. Every line has an id that
// docs/messages.md explains. Never pass a secret. Threads: any.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace outstation::runtime {

enum class Level { error = 3, warning = 4, info = 6, debug = 7 };
[[nodiscard]] std::optional<Level> level_from(std::string_view name);
[[nodiscard]] std::string_view level_name(Level level);

class Log {
  public:
    explicit Log(std::string daemon);
    void error(std::string_view id, std::string_view text) { write(Level::error, id, text); }
    void warning(std::string_view id, std::string_view text) { write(Level::warning, id, text); }
    void info(std::string_view id, std::string_view text) { write(Level::info, id, text); }
    void debug(std::string_view id, std::string_view text) { write(Level::debug, id, text); }
    void set_level(Level level) { level_ = level; }
    [[nodiscard]] Level level() const { return level_; }

  private:
    void write(Level level, std::string_view id, std::string_view text);
    std::string daemon_;
    bool to_journal_;
    std::atomic<Level> level_ = Level::info;
};

// The text with control characters (C1, line separators and bidirectional ones too), invalid UTF-8 bytes and
// backslashes as \xNN, at most about 2048 bytes.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace outstation::runtime
