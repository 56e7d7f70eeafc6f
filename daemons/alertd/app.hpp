// SPDX-License-Identifier: GPL-3.0-or-later
// alertd's App: follows the journal, keeps the alarms, writes their steps, answers people. Rules come from
// confd; the last good set is kept in the state directory.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "daemons/alertd/alarm_list.hpp"
#include "daemons/alertd/follower.hpp"
#include "daemons/alertd/keeper.hpp"
#include "daemons/alertd/outbox.hpp"
#include "daemons/alertd/rule_trial.hpp"
#include "daemons/alertd/store_watch.hpp"
#include "lib/runtime/daemon.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::alertd {

class App : public runtime::App, private Follower::Observer {
  public:
    // A file of rules given by --config stands in place of what confd has.
    void stage(config::Mapping root) override;
    void commit() override;
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void drain(std::function<void()> drained) override { outbox_->drain(std::move(drained)); }
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    void connect_to_stored();
    void connect_to_confd();
    void ask_confd();
    void on_rules(const wire::AlarmRules& rules);
    [[nodiscard]] Result<void> use_saved_rules();
    void use_rules(std::shared_ptr<const RuleSet> rules);
    void save_rules(const std::string& text);
    void serve();
    void answer_alarms(const wire::AlarmsRequest& request, const ipc::Responder& responder) const;
    void answer_list(const wire::AlarmListRequest& request, const ipc::Responder& responder) const;
    void act(const ipc::Peer& peer, wire::AlarmAct act, const ipc::Responder& responder);
    void test_rules(ipc::Peer& peer, const wire::RuleTestRequest& request, const ipc::Responder& responder);
    void on_written(const std::vector<wire::StateRecord>& records, const Result<void>& result);
    void tick();
    void tell_what_is_full();
    void ask_store(MonoTime at);
    void look_at_store(const std::string& trouble);
    [[nodiscard]] wire::WireStamp now() const;

    void on_begin() override { keeper_.begin(); }
    void on_series(const wire::SeriesDef& def, std::int64_t given_ns) override {
        keeper_.define(def, given_ns);
    }
    void on_old_state(const wire::StateRecord& record) override { keeper_.on_old_state(record); }
    void on_old_sample(const wire::SampleRecord& record) override { keeper_.on_old_sample(record); }
    void on_recorded(const wire::StateRecord& record) override { keeper_.on_recorded(record); }
    void on_caught_up() override;
    void on_state(const wire::StateRecord& record) override { keeper_.on_state(record); }
    void on_sample(const wire::SampleRecord& record) override;
    [[nodiscard]] Duration look_back() const override { return keeper_.look_back(); }
    void on_failed(const Error& error) override;

    runtime::Context* context_ = nullptr;
    std::shared_ptr<const RuleSet> staged_;
    std::shared_ptr<const RuleSet> own_rules_;  // of the file given by --config
    std::string rules_text_;                    // that is in force; not known with own_rules_
    Keeper keeper_{[this](const wire::StateRecord& record) { outbox_->add(record); }};
    std::unique_ptr<ipc::Client> stored_;
    std::unique_ptr<ipc::Client> confd_;
    std::unique_ptr<StoreLink> link_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<Follower> follower_;
    std::multimap<std::uint64_t, ipc::Responder> waiting_;  // for their step to be on disk, by revision
    std::map<std::uint64_t, std::unique_ptr<RuleTrial>> trials_;
    std::uint64_t last_trial_ = 0;
    std::optional<StoreWatch> store_watch_;
    MonoTime ask_store_at_{};
    std::optional<wire::StateRecord> store_failed_;  // the alarm that is nowhere but here
    std::uint64_t samples_ = 0;
    std::uint64_t refused_ = 0;
    bool knows_all_ = false;  // the journal was read once since the start
    bool told_full_ = false;
    bool told_states_full_ = false;
    Timer tick_;
    Timer retry_confd_;
};

}  // namespace outstation::alertd
