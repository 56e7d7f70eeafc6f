// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets, tokens and passwords at the console.
#include "daemons/ctl/console_commands.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "lib/wire/auth_messages.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::ctl {
namespace {

int finish(const Result<wire::Done>& reply, const std::string& done) {
    if (!reply) {
        std::cerr << "outstation: " << reply.error().text << "\n";
        return 1;
    }
    std::cout << done << "\n";
    return 0;
}

// One line of standard input; on a terminal it asks and does not echo.
std::string read_secret(const std::string& prompt) {
    const bool terminal = isatty(STDIN_FILENO) != 0;
    termios before{};
    if (terminal) {
        std::cerr << prompt << ": " << std::flush;
        tcgetattr(STDIN_FILENO, &before);
        termios quiet = before;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
    }
    std::string line;
    std::getline(std::cin, line);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        std::cerr << "\n";
    }
    return line;
}

}  // namespace

int set_secret(const Target& target, const std::string& name) {
    const std::string value = read_secret("Secret " + name);
    return finish(ask<wire::Done>(target.run_dir, "confd", wire::PutSecret{name, value}), "Stored.");
}

int add_token(const Target& target, const std::string& name) {
    const auto reply = ask<wire::TokenReply>(target.run_dir, "authd", wire::TokenAdd{name});
    if (!reply) {
        std::cerr << "outstation: " << reply.error().text << "\n";
        return 1;
    }
    std::cout << reply->token << "\n";
    std::cerr << "This is the only time the token is shown. Send it as: Authorization: Bearer TOKEN\n";
    return 0;
}

int list_tokens(const Target& target) {
    const auto reply = ask<wire::TokenList>(target.run_dir, "authd", wire::TokenListRequest{});
    if (!reply) {
        std::cerr << "outstation: " << reply.error().text << "\n";
        return 1;
    }
    if (target.json) {
        auto items = nlohmann::json::array();
        for (const auto& token : reply->tokens)
            items.push_back({{"name", token.name}, {"created_ns", token.created_ns}});
        std::cout << nlohmann::json{{"tokens", items}}.dump(2) << "\n";
        return 0;
    }
    Table table({"NAME"});
    for (const auto& token : reply->tokens) table.add({token.name});
    std::cout << table.text();
    return 0;
}

int remove_token(const Target& target, const std::string& name) {
    return finish(ask<wire::Done>(target.run_dir, "authd", wire::TokenRemove{name}), "Removed.");
}

int reset_password(const Target& target, const std::string& user) {
    const std::string password = read_secret("New password of " + user);
    return finish(ask<wire::Done>(target.run_dir, "authd", wire::ResetPassword{user, password}), "Changed.");
}

int set_log_level(const Target& target, const std::string& daemon, const std::string& level) {
    return finish(ask<wire::Done>(target.run_dir, daemon, wire::LogLevelRequest{level}), "Set.");
}

}  // namespace outstation::ctl
