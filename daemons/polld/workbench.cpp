// SPDX-License-Identifier: GPL-3.0-or-later
// Findings as people read them; a draft from its text to what it finds.
#include "daemons/polld/workbench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemons/polld/device_text.hpp"
#include "daemons/polld/pack_plan.hpp"
#include "drivers/pack/draft.hpp"
#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/recording.hpp"
#include "drivers/pack/redact.hpp"
#include "drivers/pack/redact_places.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongest = 20s;  // of a question with all its answers
constexpr const char* kFile = "draft.yaml";

std::vector<wire::FoundCount> counts_of(const pack::Findings& found) {
    const std::pair<const char*, std::size_t> counts[] = {
        {"ports", found.ports.size()},   {"sensors", found.sensors.size()},
        {"states", found.states.size()}, {"processors", found.processors.size()},
        {"memory", found.memory.size()}, {"storage", found.storage.size()},
        {"links", found.links.size()},   {"inventory", found.inventory.size()},
        {"series", found.metrics.size()}};
    std::vector<wire::FoundCount> out;
    for (const auto& [kind, count] : counts)
        if (count > 0) out.push_back({kind, static_cast<std::uint32_t>(count)});
    return out;
}

template <typename Reply>
void tell_identity(const pack::Device& device, Reply& out) {
    out.vendor = clean_text(device.vendor, kMaxLabelBytes);
    out.device_class = clean_text(device.kind, kMaxLabelBytes);
    out.model = clean_text(device.model, kMaxLabelBytes);
    out.version = clean_text(device.version, kMaxLabelBytes);
}

std::string number_text(double value) {
    return fmt::format("{:.6g}", value);
}

std::string share_text(const pack::Space& space) {
    return space.percent ? number_text(*space.percent) : std::string();
}

void add_readings(const char* kind, const std::vector<pack::Reading>& from,
                  std::vector<wire::DraftFinding>& out) {
    for (const pack::Reading& one : from)
        out.push_back({kind, clean_text(one.label, kMaxLabelBytes), clean_text(one.label_zh, kMaxLabelBytes),
                       number_text(one.value), one.unit.empty() ? "percent" : one.unit,
                       pack::format_oid(one.oid)});
}

void add_spaces(const char* kind, const std::vector<pack::Space>& from,
                std::vector<wire::DraftFinding>& out) {
    for (const pack::Space& one : from)
        out.push_back({kind, clean_text(one.label, kMaxLabelBytes), clean_text(one.label_zh, kMaxLabelBytes),
                       share_text(one), "percent", pack::format_oid(one.oid)});
}

std::vector<wire::DraftFinding> findings_of(const pack::Findings& found) {
    std::vector<wire::DraftFinding> out;
    add_readings("sensor", found.sensors, out);
    add_readings("processor", found.processors, out);
    for (const pack::State& one : found.states)
        out.push_back({"state", clean_text(one.label, kMaxLabelBytes),
                       clean_text(one.label_zh, kMaxLabelBytes), clean_text(one.text, kMaxLabelBytes),
                       one.severity, pack::format_oid(one.oid)});
    add_spaces("memory", found.memory, out);
    add_spaces("storage", found.storage, out);
    for (const pack::MetricValue& one : found.metrics)
        out.push_back({"series", clean_text(one.name, kMaxLabelBytes), "", number_text(one.value), one.type,
                       pack::format_oid(one.oid)});
    return out;
}

// "draft.yaml:4:6: text": what stands before the text is read; what has no place is of the whole.
wire::DraftMistake mistake_of(std::string_view line) {
    wire::DraftMistake out;
    const std::string_view file = kFile;
    if (line.substr(0, file.size()) == file) line.remove_prefix(file.size());
    const auto take_number = [&line](std::uint32_t& into) {
        if (line.empty() || line.front() != ':') return;
        const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), into);
        if (error == std::errc{}) line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    };
    take_number(out.line);
    take_number(out.column);
    if (!line.empty() && line.front() == ':') line.remove_prefix(1);
    if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    out.text = clean_text(line, kMaxAttributeBytes);
    return out;
}

}  // namespace

wire::ExplainReply explain_recording(const std::vector<pack::Choice>& choices, const pack::Values& values,
                                     const pack::Values& told) {
    wire::ExplainReply out;
    const pack::Findings found = pack::evaluate(choices, values);
    tell_identity(found.device, out);
    out.object_id = clean_text(found.device.object_id, kMaxLabelBytes);
    out.finds = counts_of(found);
    for (const pack::Choice& choice : choices)
        out.packs.push_back({choice.pack->name, choice.pack->title, choice.pack->title_zh,
                             clean_text(choice.why, kMaxLabelBytes),
                             counts_of(pack::evaluate({choice}, values))});
    out.draft = pack::draft_pack(told, choices, found.device);
    return out;
}

Draft check_draft(const std::string& yaml, const std::map<std::string, std::string>& words) {
    Draft out;
    const std::map<std::string, std::string> texts{{kFile, yaml}};
    const pack::Library library = pack::load_packs(texts);
    for (const Error& error : library.refused) {
        std::string_view all = error.text;
        while (!all.empty()) {
            const std::size_t end = all.find('\n');
            out.mistakes.push_back(mistake_of(all.substr(0, end)));
            all.remove_prefix(end == std::string_view::npos ? all.size() : end + 1);
        }
    }
    if (!out.mistakes.empty()) return out;
    if (!library.packs.empty()) out.pack = pack::load_pack(texts, kFile, words);
    if (out.pack == nullptr) out.mistakes.push_back({0, 0, "it is no pack that a device can match"});
    return out;
}

struct Workbench::Trial {
    wire::DraftRequest request;
    std::optional<Recorder::Order> order;
    Answer answer;
    std::shared_ptr<const std::string> recording;
    std::shared_ptr<const pack::Library> library;  // whose words it uses
    Draft draft;
    std::shared_ptr<const PackPlan> plan;
    std::vector<pack::Choice> known;  // by which a live value is known to be a serial number, a name
    pack::ValueTable values;
    wire::DraftReply reply;
};

Workbench::~Workbench() {
    if (engine_id_) parts_.engine.remove(*engine_id_);
}

Result<void> Workbench::may_try(const wire::DraftRequest& request) {
    if (request.yaml.size() > kMostYaml)
        return fail(ErrorCode::malformed, "a draft has at most " + std::to_string(kMostYaml / 1024) + " KiB");
    if (is_trying_ || parts_.is_busy())
        return fail(ErrorCode::refused, "what was asked before is still being worked on");
    if (request.live && asked_ != MonoTime{} && parts_.loop.now() - asked_ < kLiveEvery)
        return fail(ErrorCode::refused, "the device was asked less than 5 s ago");
    return {};
}

void Workbench::try_draft(const wire::DraftRequest& request, std::optional<Recorder::Order> order,
                          Answer answer) {
    if (const auto may = may_try(request); !may) return answer(fail(may.error()));
    const auto trial = std::make_shared<Trial>();
    trial->request = request;
    trial->order = std::move(order);
    trial->answer = std::move(answer);
    trial->recording = parts_.recorder.text();
    trial->library = parts_.packs.cards();
    if (trial->recording == nullptr || trial->request.live != trial->order.has_value())
        return trial->answer(fail(ErrorCode::not_found, "there is no recording"));
    is_trying_ = true;
    const auto work = [trial] {
        trial->draft = check_draft(trial->request.yaml, trial->library->words);
        if (trial->draft.pack == nullptr || trial->request.live) return;
        if (auto read = pack::parse_recording(*trial->recording)) trial->values = std::move(read->values);
    };
    parts_.aside(work, [this, trial] {
        trial->reply.mistakes = trial->draft.mistakes;
        if (trial->draft.pack == nullptr || !trial->request.live) return finish(trial);
        ask_device(trial);
    });
}

void Workbench::ask_device(const std::shared_ptr<Trial>& trial) {
    asked_ = parts_.loop.now();
    const pack::Pack& draft = *trial->draft.pack;
    pack::Needs needs = pack::needs_of({{&draft, 0, ""}}, pack::Scope::everything);
    pack::Library alone;
    alone.packs.push_back(draft);
    for (const pack::Oid& probe : pack::probes_of(alone)) needs.columns.insert(probe);
    const auto is_dropped = [](const pack::Oid& oid) {
        return pack::secret_at(oid) == pack::Secret::dropped;
    };
    std::erase_if(needs.values, is_dropped);
    std::erase_if(needs.columns, is_dropped);
    trial->plan = PackPlan::to_identify(needs);
    engine_id_ = parts_.engine.add(trial->order->target);
    parts_.engine.poll(*engine_id_, trial->plan->plan(), kLongest,
                       [this, trial](snmp::Engine::DeviceId, const snmp::Cycle& cycle) {
                           trial->values = trial->plan->values_of(cycle);
                           trial->known = parts_.packs.choose(trial->values);
                           trial->reply.read_ns = parts_.loop.wall().time_since_epoch().count();
                           if (!cycle.answered)
                               trial->reply.problem = std::string(snmp::cycle_error_name(cycle.error));
                           parts_.engine.remove(*std::exchange(engine_id_, std::nullopt));
                           finish(trial);
                       });
}

void Workbench::finish(const std::shared_ptr<Trial>& trial) {
    if (parts_.is_busy()) {  // a recording has just ended
        is_trying_ = false;
        return trial->answer(fail(ErrorCode::refused, "a recording is being worked on"));
    }
    const auto work = [trial] {
        if (trial->draft.pack == nullptr || trial->values.size() == 0) return;
        if (trial->order)
            trial->values = pack::redact(trial->values,
                                         {trial->order->secrets, pack::evaluate(trial->known, trial->values)})
                                .values;
        pack::Library alone;
        alone.packs.push_back(*trial->draft.pack);
        trial->reply.matches = !pack::choose_packs(alone, trial->values).empty();
        const pack::Findings found = pack::evaluate({{trial->draft.pack.get(), 0, ""}}, trial->values);
        tell_identity(found.device, trial->reply);
        trial->reply.findings = findings_of(found);
        trial->reply.more = trial->reply.findings.size() > kMostFindings;
        if (trial->reply.more) trial->reply.findings.resize(kMostFindings);
    };
    parts_.aside(work, [this, trial] {
        is_trying_ = false;
        trial->answer(std::move(trial->reply));
    });
}

}  // namespace outstation::polld
