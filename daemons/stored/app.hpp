// SPDX-License-Identifier: GPL-3.0-or-later
// stored's App: the one writer of the store, served to the other daemons over IPC. Its settings come from
// confd; until confd answers the defaults hold and nothing is dropped.
#pragma once

#include <memory>
#include <set>

#include "daemons/stored/intake_peers.hpp"
#include "daemons/stored/tail.hpp"
#include "lib/runtime/daemon.hpp"
#include "lib/store/store.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::stored {

class App : public runtime::App, private store::Store::Observer {
  public:
    void stage(config::Mapping) override {}
    void commit() override {}
    [[nodiscard]] Result<void> start(runtime::Context& context) override;
    void drain(std::function<void()> drained) override { store_->flush(std::move(drained)); }
    void describe(std::vector<wire::StatusField>& out) const override;
    void metrics(runtime::Metrics& out) const override;

  private:
    [[nodiscard]] Result<void> open_store();
    void tell_damage(const store::StoreOpened& opened);
    void serve_producers(ipc::Server& server);
    [[nodiscard]] bool may_append_now(ipc::Server& server, const ipc::Peer& peer,
                                      const ipc::Responder& responder);
    void tell_few_left();
    void tell_refused(const wire::DefineSeries& message, const wire::SeriesRefused& refused);
    void serve_answers(ipc::Server& server);
    void serve_slow_answers(ipc::Server& server);
    void serve_states(ipc::Server& server);
    void follow_confd();
    void ask_confd();

    void on_samples(std::uint64_t first_sequence, const std::vector<wire::SampleRecord>& records) override;
    void on_states(std::uint64_t first_sequence, const std::vector<wire::StateRecord>& records) override;
    void on_durable(StreamId stream, std::uint64_t sequence) override;
    void on_no_room(const Error& error) override;
    void on_impossible_stamp(const wire::SampleRecord& record) override;
    void on_failed(const Error& error) override;
    void on_history_failed(const Error& error) override;
    void on_states_failed(const Error& error) override;
    void on_states_set_aside(const Error& error) override;
    void on_segment_set_aside(const std::string& path) override;
    void on_states_left_out(const std::string& device) override;

    runtime::Context* context_ = nullptr;
    std::unique_ptr<store::FileSystem> files_;
    std::unique_ptr<store::ThreadWorker> flusher_;
    std::unique_ptr<store::ThreadWorker> reader_;
    std::unique_ptr<store::ThreadWorker> keeper_;
    std::unique_ptr<store::Store> store_;  // before the workers that it uses
    IntakePeers producers_;
    TailSubscribers tail_;
    std::size_t damage_found_ = 0;
    std::optional<MonoTime> stamp_told_;
    bool few_told_ = false;  // that few series more can be kept
    std::uint64_t refused_series_ = 0;
    std::optional<MonoTime> no_room_told_;
    std::optional<MonoTime> history_told_;
    std::unique_ptr<ipc::Client> confd_;
    Timer retry_confd_;
};

}  // namespace outstation::stored
