// SPDX-License-Identifier: GPL-3.0-or-later
// Wiring of alertd.
#include "daemons/alertd/app.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

#include "daemons/alertd/rules_file.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::alertd {
namespace {

using namespace std::chrono_literals;

// Steps are flushed at once; a disk that is full is tried every second by stored.
constexpr Duration kAppendTimeout = 30s;
constexpr Duration kStatusEvery = 3s;
constexpr Duration kStatusTimeout = 5s;
constexpr Duration kConfdTimeout = 10s;
constexpr Duration kConfdRetry = 2s;
constexpr const char* kSavedRules = "/rules.yaml";

class IpcStoreLink : public StoreLink {
  public:
    explicit IpcStoreLink(ipc::Client& client) : client_(client) {}
    [[nodiscard]] bool connected() const override { return client_.connected(); }
    void append(const wire::AppendStates& batch, Answer answer) override {
        client_.request<wire::Appended>(batch, kAppendTimeout, std::move(answer));
    }

  private:
    ipc::Client& client_;
};

}  // namespace

void App::stage(config::Mapping root) {
    staged_ = root.keys().empty() ? nullptr : std::make_shared<const RuleSet>(read_rules(std::move(root)));
}

void App::commit() {
    own_rules_ = std::move(staged_);
    if (context_ != nullptr && own_rules_) use_rules(own_rules_);
}

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    if (own_rules_) keeper_.set_rules(own_rules_);
    if (!own_rules_) {
        if (const auto used = use_saved_rules(); !used) return used;
    }
    store_watch_.emplace(context.loop().now());
    connect_to_stored();
    connect_to_confd();
    serve();
    tick();
    return {};
}

// The last good set, or what the product brings until confd has said which it is.
Result<void> App::use_saved_rules() {
    const std::string path = context_->state_dir() + kSavedRules;
    std::ifstream in(path, std::ios::binary);
    const bool saved = in.is_open();
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    Result<std::shared_ptr<const RuleSet>> rules = fail(ErrorCode::config, path + " is empty");
    if (!text.empty()) rules = parse_rules(text, path);
    const bool known = rules.has_value();
    if (!known) {
        if (saved) context_->log().error("RULES_LOST", rules.error().text);
        text = default_rules();
        rules = parse_rules(text, "default rules");
    }
    if (!rules) return fail(rules.error());
    rules_text_ = text;
    keeper_.set_rules(*rules, known);
    return {};
}

void App::use_rules(std::shared_ptr<const RuleSet> rules) {
    context_->log().info("RULES_IN_FORCE", std::to_string(rules->rules.size()) + " rules");
    keeper_.set_rules(std::move(rules));
    if (stored_->connected()) follower_->begin();
}

void App::connect_to_stored() {
    stored_ = context_->client("stored");
    link_ = std::make_unique<IpcStoreLink>(*stored_);
    outbox_ = std::make_unique<Outbox>(context_->loop(), *link_,
                                       [this](const std::vector<wire::StateRecord>& records,
                                              const Result<void>& result) { on_written(records, result); });
    Follower::Observer& observer = *this;
    follower_ = std::make_unique<Follower>(context_->loop(), *stored_, observer);
    stored_->on_connected([this] {
        outbox_->on_connected();
        follower_->begin();
    });
    stored_->on_disconnected([this](const Error&) {
        outbox_->on_disconnected();
        follower_->on_disconnected();
    });
    stored_->start();
}

void App::connect_to_confd() {
    confd_ = context_->client("confd");
    confd_->on_connected([this] { ask_confd(); });
    confd_->on_push<wire::ConfigChanged>([this](const wire::ConfigChanged&) { ask_confd(); });
    confd_->start();
}

void App::ask_confd() {
    const auto again = [this](const Error& error) {
        context_->log().warning("NO_RULES", error.text);
        retry_confd_ = context_->loop().after(kConfdRetry, [this] {
            if (confd_->connected()) ask_confd();
        });
    };
    confd_->request<wire::AlarmRules>(wire::AlarmRulesRequest{}, kConfdTimeout,
                                      [this, again](const Result<wire::AlarmRules>& rules) {
                                          if (!rules) return again(rules.error());
                                          if (!own_rules_) on_rules(*rules);
                                      });
    confd_->request<wire::ConfigReply>(wire::ConfigRequest{}, kConfdTimeout,
                                       [this](const Result<wire::ConfigReply>& reply) {
                                           if (!reply || reply->generation == 0) return;
                                           std::set<std::string> devices;
                                           for (const auto& device : reply->devices)
                                               devices.insert(device.id);
                                           keeper_.keep_only(std::move(devices));
                                       });
}

void App::on_rules(const wire::AlarmRules& rules) {
    const std::string text = rules.present ? rules.text : default_rules();
    if (text == rules_text_) return keeper_.rules_are_known();
    auto parsed = parse_rules(text, "alarm-rules.yaml");
    if (!parsed) return context_->log().error("RULES_WRONG", "the rules before stay: " + parsed.error().text);
    rules_text_ = text;
    save_rules(text);
    use_rules(*parsed);
}

void App::save_rules(const std::string& text) {
    const std::string path = context_->state_dir() + kSavedRules;
    if (const auto saved = crypto::write_private_file(path, text); !saved)
        context_->log().warning("RULES_NOT_SAVED", saved.error().text);
}

void App::on_caught_up() {
    keeper_.settle(now());
    knows_all_ = true;
    context_->log().info("FOLLOWING", std::to_string(keeper_.book().open()) + " alarms are open, " +
                                          std::to_string(keeper_.cells()) +
                                          " pairs of rule and series or part");
}

void App::on_sample(const wire::SampleRecord& record) {
    ++samples_;
    keeper_.on_sample(record);
}

void App::on_failed(const Error& error) {
    context_->log().warning("JOURNAL_UNREAD", error.text);
}

void App::on_written(const std::vector<wire::StateRecord>& records, const Result<void>& result) {
    if (!result) {
        refused_ += records.size();
        context_->log().error("STEPS_REFUSED", result.error().text);
    }
    for (const wire::StateRecord& record : records) {
        if (result) keeper_.on_recorded(record);
        const auto [first, last] = waiting_.equal_range(record.alarm->revision);
        for (auto waits = first; waits != last; ++waits) {
            if (result) waits->second.reply(wire::Done{});
            if (!result) waits->second.fail(result.error());
        }
        waiting_.erase(first, last);
    }
}

void App::tick() {
    tick_ = context_->loop().after(1s, [this] { tick(); });
    if (follower_->is_live()) keeper_.tick(now());
    tell_what_is_full();
    const MonoTime at = context_->loop().now();
    if (at >= ask_store_at_) ask_store(at);
    store_watch_->on_outbox(outbox_->oldest_age(), outbox_->trouble());
    look_at_store(store_watch_->trouble(at));
}

void App::tell_what_is_full() {
    if (keeper_.book().left_out() != 0 && !std::exchange(told_full_, true))
        context_->log().error("ALARMS_FULL", std::to_string(AlarmBook::kMostAlarms) + " alarms are open");
    if (keeper_.states_left_out() != 0 && !std::exchange(told_states_full_, true))
        context_->log().error("STATES_FULL", "as many states of interfaces are known as there is room for");
}

void App::ask_store(MonoTime at) {
    ask_store_at_ = at + kStatusEvery;
    stored_->request<wire::StoreStatus>(wire::StoreStatusRequest{}, kStatusTimeout,
                                        [this](const Result<wire::StoreStatus>& status) {
                                            if (status)
                                                store_watch_->on_status(*status, context_->loop().now());
                                        });
}

// The alarm that says that nothing can be recorded is nowhere but here.
void App::look_at_store(const std::string& trouble) {
    if (trouble.empty()) {
        if (store_failed_)
            context_->log().info("STORE_WRITES", "again, after: " + store_failed_->alarm->text);
        return store_failed_.reset();
    }
    if (store_failed_) {
        store_failed_->alarm->text = trouble;
        return;
    }
    wire::StateRecord& record = store_failed_.emplace();
    record.stamp = now();
    record.kind = wire::kAlarmKind;
    wire::AlarmState& state = record.alarm.emplace();
    state.rule = kStoreFailed;
    state.step = wire::AlarmStep::raised;
    state.open = true;
    state.severity = Severity::critical;
    state.raised_ns = state.since_ns = record.stamp.wall_ns;
    state.text = trouble;
    state.name_zh = "告警无法记录";
    state.name_en = "Alarms cannot be recorded";
    context_->log().error("STORE_FAILED", trouble);
}

wire::WireStamp App::now() const {
    const Stamp stamp = context_->stamp();
    return {stamp.wall_ns, stamp.mono_ns, stamp.boot_id, stamp.quality};
}

void App::describe(std::vector<wire::StatusField>& out) const {
    if (!outbox_) return;
    out.push_back({"rules", std::to_string(keeper_.rules())});
    out.push_back({"open alarms", std::to_string(keeper_.book().open())});
    out.push_back({"follows the journal", follower_->is_live() ? "yes" : "no"});
    out.push_back({"not recorded", std::to_string(outbox_->waiting())});
    if (store_failed_) out.push_back({"store failed", store_failed_->alarm->text});
}

void App::metrics(runtime::Metrics& out) const {
    if (!outbox_) return;
    out.counter("alertd_records", "Records of samples that rules were evaluated on.", samples_);
    out.counter("alertd_refused_steps", "Steps of alarms that stored refused as malformed.", refused_);
    out.gauge("alertd_rules", "Rules in force.", static_cast<double>(keeper_.rules()));
    out.gauge("alertd_cells", "Pairs of rule and series or part of a device.",
              static_cast<double>(keeper_.cells()));
    out.gauge("alertd_open_alarms", "Open alarms.", static_cast<double>(keeper_.book().open()));
    out.gauge("alertd_unrecorded_steps", "Steps of alarms that are not known to be on disk.",
              static_cast<double>(outbox_->waiting()));
    out.gauge("alertd_store_failed",
              "1 while the store cannot write, which is an alarm that is not recorded.",
              store_failed_ ? 1.0 : 0.0);
    out.gauge("alertd_following", "1 while records are evaluated as they come.",
              follower_->is_live() ? 1.0 : 0.0);
}

}  // namespace outstation::alertd
