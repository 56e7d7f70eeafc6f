// SPDX-License-Identifier: GPL-3.0-or-later
// webd's questions to the other daemons. The last answers are kept within a budget: while a daemon is away
// they are given again, marked old, and questions within a second share one answer. Threads: the loop's.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "lib/ipc/client.hpp"
#include "lib/wire/alert_messages.hpp"
#include "lib/wire/state_messages.hpp"
#include "lib/wire/store_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::webd {

// An answer of another daemon. No value: it never answered that.
template <typename T>
struct Seen {
    std::shared_ptr<const T> value;
    bool fresh = false;  // false: the last one known, the daemon does not answer now
    Error error{ErrorCode::io, "not asked"};
};

// Calls `done` when everything that was begun has finished. Made with one unit open, so that `done` cannot
// come before close().
class Join {
  public:
    explicit Join(std::function<void()> done) : done_(std::move(done)) {}
    void begin() { ++open_; }
    void finish() {
        if (--open_ == 0) done_();
    }
    void close() { finish(); }

  private:
    std::size_t open_ = 1;
    std::function<void()> done_;
};

// About how much memory an answer takes.
template <typename Reply>
[[nodiscard]] std::size_t weight_of(const Reply&) {
    return 16384;
}
[[nodiscard]] std::size_t weight_of(const wire::LatestReply& reply);
[[nodiscard]] std::size_t weight_of(const wire::RangeReply& reply);
[[nodiscard]] std::size_t weight_of(const wire::EventsReply& reply);
[[nodiscard]] std::size_t weight_of(const wire::LedgerReply& reply);
[[nodiscard]] std::size_t weight_of(const wire::FactsReply& reply);
[[nodiscard]] std::size_t weight_of(const wire::AlarmList& reply);

class Upstream {
  public:
    Upstream(Loop& loop, std::string name, std::unique_ptr<ipc::Client> client)
        : loop_(loop), name_(std::move(name)), client_(std::move(client)) {}
    [[nodiscard]] const std::string& name() const { return name_; }
    ipc::Client& client() { return *client_; }
    [[nodiscard]] bool connected() const { return client_->connected(); }
    // start() was called so lately that the other daemon may be starting too; later it is broken.
    [[nodiscard]] bool in_start_time() const { return loop_.now() - started_at_ < kStartTime; }
    // In the start time, and there was no connection yet.
    [[nodiscard]] bool is_starting() const { return !was_connected_ && in_start_time(); }
    // Connects, and again whenever the connection is lost; `connected` is called each time.
    void start(std::function<void()> connected = nullptr) {
        started_at_ = loop_.now();
        client_->on_connected([this, connected = std::move(connected)] {
            was_connected_ = true;
            if (connected) connected();
        });
        client_->start();
    }

    // Asks, or answers from memory when the same was answered less than `max_age` ago. Calls back once; may
    // do so from inside this call.
    template <typename Reply, typename Request>
    void ask(const Request& request, std::function<void(Seen<Reply>)> callback,
             Duration max_age = kShareFor) {
        const std::string key = key_of(Request::kType, wire::encode(request));
        if (const auto known = find(key); known && client_->connected() && loop_.now() - known->at < max_age)
            return callback(Seen<Reply>{std::static_pointer_cast<const Reply>(known->value), true, {}});
        client_->request<Reply>(
            request, kTimeout, [this, key, callback = std::move(callback)](Result<Reply> reply) {
                if (reply) {
                    auto value = std::make_shared<const Reply>(std::move(*reply));
                    keep(key, value, weight_of(*value));
                    return callback(Seen<Reply>{std::move(value), true, {}});
                }
                const auto known = reply.error().code == ErrorCode::not_found ? nullptr : find(key);
                callback(Seen<Reply>{known ? std::static_pointer_cast<const Reply>(known->value) : nullptr,
                                     false, reply.error()});
            });
    }
    // ask() as one unit of a join.
    template <typename Reply, typename Request>
    void ask(const Request& request, Seen<Reply>& into, const std::shared_ptr<void>& keeper,
             const std::shared_ptr<Join>& join, Duration max_age = kShareFor) {
        join->begin();
        ask<Reply>(
            request,
            [&into, keeper, join](Seen<Reply> seen) {
                into = std::move(seen);
                join->finish();
            },
            max_age);
    }

    static constexpr Duration kShareFor = std::chrono::seconds(1);
    static constexpr Duration kTimeout = std::chrono::seconds(5);
    static constexpr Duration kStartTime = std::chrono::seconds(60);
    static constexpr std::size_t kMostKept = 256;
    static constexpr std::size_t kMostKeptBytes = 64U << 20;
    [[nodiscard]] std::size_t kept_bytes() const { return kept_bytes_; }

  private:
    struct Known {
        std::shared_ptr<const void> value;
        MonoTime at;
        std::size_t weight;
        std::list<std::string>::iterator turn;
    };
    static std::string key_of(std::uint16_t type, const std::string& body) {
        return std::to_string(type) + ":" + body;
    }
    const Known* find(const std::string& key);
    void keep(const std::string& key, std::shared_ptr<const void> value, std::size_t weight);
    void forget(const std::string& key);

    Loop& loop_;
    std::string name_;
    std::unique_ptr<ipc::Client> client_;
    MonoTime started_at_{};
    bool was_connected_ = false;
    std::map<std::string, Known> known_;
    std::size_t kept_bytes_ = 0;
    std::list<std::string> turns_;  // least recently used first
};

}  // namespace outstation::webd
