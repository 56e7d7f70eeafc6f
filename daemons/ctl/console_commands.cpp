// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets, tokens and passwords at the console.
#include "daemons/ctl/console_commands.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/interrupt.hpp"
#include "daemons/ctl/table.hpp"
#include "lib/crypto/bytes.hpp"
#include "lib/wire/auth_messages.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::ctl {
namespace {

constexpr std::size_t kUsualSecretBytes = 4096;               // read without a copy left behind
constexpr Duration kRekeyTimeout = std::chrono::minutes(15);  // thousands of secrets, each flushed

int finish(const Target& target, const Result<wire::Done>& reply, const std::string& text) {
    return reply ? done(target, text) : failed(target, reply.error());
}

// A terminal that does not show what is typed, until it goes.
class QuietTerminal {
  public:
    explicit QuietTerminal(bool is_terminal)
        : is_terminal_(is_terminal && tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~QuietTerminal() {
        if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

  private:
    termios before_{};
    bool is_terminal_;
};

// One line of standard input; on a terminal it asks and does not echo.
Result<void> read_secret(const std::string& prompt, std::string& line) {
    const bool terminal = isatty(STDIN_FILENO) != 0;
    if (terminal) std::cerr << prompt << ": " << std::flush;
    line.reserve(kUsualSecretBytes);
    const Interruptible signals;
    {
        const QuietTerminal quiet(terminal);
        std::getline(std::cin, line);
    }
    if (terminal) std::cerr << "\n";
    if (line.empty()) return fail(ErrorCode::config, "nothing came on standard input");
    return {};
}

// Reads a secret into its place, lets `act` use it, and overwrites it.
template <typename Act>
int with_secret(const Target& target, const std::string& prompt, std::string& place, Act&& act) {
    const auto read = read_secret(prompt, place);
    const int code = read ? act() : failed(target, read.error());
    crypto::wipe(place);
    return code;
}

}  // namespace

int set_secret(const Target& target, const std::string& name) {
    wire::PutSecret request{name, {}};
    return with_secret(target, "Secret " + name, request.value, [&] {
        return finish(target, ask<wire::Done>(target.run_dir, "confd", request), "Stored.");
    });
}

int rekey_secrets(const Target& target) {
    const auto reply =
        ask<wire::SecretsRekeyed>(target.run_dir, "confd", wire::RekeySecrets{}, kRekeyTimeout);
    if (!reply) return failed(target, reply.error());
    if (target.json) {
        std::cout << nlohmann::json{{"secrets", reply->count}} << "\n";
    } else {
        std::cout << "Sealed " << reply->count << " secrets with a new key.\n";
    }
    return kDone;
}

int add_token(const Target& target, const std::string& name) {
    const auto reply = ask<wire::TokenReply>(target.run_dir, "authd", wire::TokenAdd{name});
    if (!reply) return failed(target, reply.error());
    if (target.json) {
        std::cout << nlohmann::json{{"name", name}, {"token", reply->token}}.dump(2) << "\n";
        return kDone;
    }
    std::cout << reply->token << "\n";
    std::cerr << "This is the only time the token is shown. Send it as: Authorization: Bearer TOKEN\n";
    return kDone;
}

int list_tokens(const Target& target) {
    const auto reply = ask<wire::TokenList>(target.run_dir, "authd", wire::TokenListRequest{});
    if (!reply) return failed(target, reply.error());
    if (target.json) {
        auto items = nlohmann::json::array();
        for (const auto& token : reply->tokens)
            items.push_back({{"name", token.name}, {"created_ns", token.created_ns}});
        std::cout << nlohmann::json{{"tokens", items}}.dump(2) << "\n";
        return kDone;
    }
    Table table({"NAME"});
    for (const auto& token : reply->tokens) table.add({token.name});
    std::cout << table.text();
    return kDone;
}

int remove_token(const Target& target, const std::string& name) {
    return finish(target, ask<wire::Done>(target.run_dir, "authd", wire::TokenRemove{name}), "Removed.");
}

int show_first_password(const Target& target) {
    const auto reply = ask<wire::FirstPasswordReply>(target.run_dir, "authd", wire::FirstPasswordRequest{});
    if (!reply) return failed(target, reply.error());
    if (reply->password.empty())
        return failed(target,
                      Error{ErrorCode::not_found,
                            "the first password was changed (lost: `outstation password reset admin`)"});
    if (target.json) {
        std::cout << nlohmann::json{{"user", reply->user}, {"password", reply->password}}.dump(2) << "\n";
    } else {
        std::cout << "User      " << reply->user << "\nPassword  " << reply->password << "\n";
    }
    return kDone;
}

int reset_password(const Target& target, const std::string& user) {
    wire::ResetPassword request{user, {}};
    return with_secret(target, "New password of " + user, request.password, [&] {
        return finish(target, ask<wire::Done>(target.run_dir, "authd", request), "Changed.");
    });
}

int set_log_level(const Target& target, const std::string& daemon, const std::string& level) {
    return finish(target, ask<wire::Done>(target.run_dir, daemon, wire::LogLevelRequest{level}), "Set.");
}

}  // namespace outstation::ctl
