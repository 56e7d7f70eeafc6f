// SPDX-License-Identifier: GPL-3.0-or-later
// The fixture of the tests of state.db in the store.
#pragma once

#include <algorithm>

#include "lib/store/sqlite/database.hpp"
#include "lib/store/store_test.hpp"

namespace outstation::store {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

inline const std::string kStateDb = "state/state.db";

struct StatesTest : StoreTest {
    void on_states_failed(const Error& error) override { failed.push_back(error.text); }
    void on_states_set_aside(const Error& error) override { set_aside.push_back(error.text); }

    Lines lines(const Result<wire::FactsReply>& reply) {
        if (!reply) return {reply.error().text};
        Lines out;
        for (const auto& row : reply->facts) {
            std::string line = row.name;
            line.append("|").append(row.attribute).append("=").append(row.value);
            out.push_back(line.append(" #").append(std::to_string(row.sequence)));
        }
        if (reply->more) out.emplace_back("more");
        if (reply->behind) out.emplace_back("behind");
        return out;
    }
    Lines search(const std::string& typed) {
        return lines(ask(&Store::search, wire::SearchRequest{typed, 0}));
    }
    Lines states(std::int64_t at_ns = 0) {
        return lines(ask(&Store::states, wire::StatesRequest{"sw-01", at_ns, "", "", 0}));
    }
    Lines history(const std::string& component, const std::string& attribute, std::uint64_t before = 0) {
        return lines(
            ask(&Store::state_history, wire::StateHistoryRequest{"sw-01", component, attribute, before, 0}));
    }
    void flap(std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t i = from; i <= to; ++i)
            append_state(i, i % 2 == 0 ? "interface_down" : "interface_up", "eth" + std::to_string(i % 7), "",
                         std::string(200, 'x'));
        loop.advance(1ms);
    }
    bool has(const std::string& path) {
        const auto paths = files.paths();
        return std::find(paths.begin(), paths.end(), path) != paths.end();
    }

    Lines failed;
    Lines set_aside;
};

}  // namespace outstation::store
