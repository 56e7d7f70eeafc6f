// SPDX-License-Identifier: GPL-3.0-or-later
// One running web server: the connections to the other daemons, the route table in force, the UI's files. It
// takes a request, checks the permission with authd, and calls the route's handler. Threads: the loop's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemons/webd/host.hpp"
#include "daemons/webd/routes.hpp"
#include "daemons/webd/static_files.hpp"
#include "daemons/webd/strip_shelf.hpp"
#include "daemons/webd/throughput.hpp"
#include "daemons/webd/upstream.hpp"
#include "lib/http/router.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::webd {

class Site {
  public:
    struct Parts {
        std::string state_dir;
        std::string certificate_sha256;
        std::function<std::unique_ptr<ipc::Client>(const std::string& daemon)> connect;
    };
    Site(Loop& loop, Parts parts);
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    // Connects to the other daemons.
    void start();
    void set_files(StaticFiles files) { files_ = std::move(files); }
    void handle(std::shared_ptr<http::Request> request, const http::Responder& responder);

    [[nodiscard]] Loop& loop() { return loop_; }
    [[nodiscard]] std::int64_t now_ns() const { return loop_.wall().time_since_epoch().count(); }
    [[nodiscard]] const Parts& parts() const { return parts_; }
    [[nodiscard]] Upstream& stored() { return *daemons_[0].second; }
    [[nodiscard]] Upstream& confd() { return *daemons_[1].second; }
    [[nodiscard]] Upstream& authd() { return *daemons_[2].second; }
    [[nodiscard]] Upstream& polld() { return *daemons_[3].second; }
    [[nodiscard]] Upstream& alertd() { return *daemons_[4].second; }
    // All daemons by name, webd itself too.
    [[nodiscard]] const std::vector<std::pair<std::string, std::unique_ptr<Upstream>>>& daemons() const {
        return daemons_;
    }
    // The configuration, followed as it changes; null until confd has answered once, and then routes that
    // need it are not called.
    [[nodiscard]] const std::shared_ptr<const wire::ConfigReply>& config() const { return config_; }

    [[nodiscard]] Host& host() { return host_; }
    [[nodiscard]] StripShelf& strips() { return strips_; }
    // Values a second that stored accepted over the last minutes; nothing before the second look.
    [[nodiscard]] std::optional<double> samples_per_second(const Seen<wire::StoreStatus>& store) {
        if (store.fresh && store.value) throughput_.add(loop_.now(), store.value->samples_accepted);
        return throughput_.per_second();
    }

  private:
    void fetch_config();
    void take_config(Result<wire::ConfigReply> reply);
    void run(const Route& route, const std::shared_ptr<Call>& call);
    void serve_file(const http::Request& request, const http::Responder& responder) const;

    Loop& loop_;
    Parts parts_;
    Host host_;
    Throughput throughput_;
    http::Router router_;
    StaticFiles files_;
    std::vector<std::pair<std::string, std::unique_ptr<Upstream>>> daemons_;
    std::shared_ptr<const wire::ConfigReply> config_;
    StripShelf strips_;
    Duration config_back_off_{0};
    Timer config_retry_;
};

}  // namespace outstation::webd
