// SPDX-License-Identifier: GPL-3.0-or-later
// The pack commands.
#include "daemons/ctl/pack_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemons/ctl/pack_facts.hpp"
#include "daemons/ctl/table.hpp"
#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/library.hpp"
#include "drivers/pack/recording.hpp"
#include "lib/runtime/log.hpp"

namespace outstation::ctl {
namespace {

namespace fs = std::filesystem;
using runtime::printable;

std::string all_refusals(const pack::Library& library) {
    std::string out;
    for (const Error& error : library.refused) out += (out.empty() ? "" : "\n") + error.text;
    return out;
}

// One line a mistake; JSON has them all in one message.
int refused(const Target& target, std::string_view mistakes) {
    if (target.json) return failed(target, {ErrorCode::config, std::string(mistakes)});
    while (!mistakes.empty()) {
        const std::size_t end = mistakes.find('\n');
        (void)failed(target, {ErrorCode::config, std::string(mistakes.substr(0, end))});
        mistakes.remove_prefix(end == std::string_view::npos ? mistakes.size() : end + 1);
    }
    return kUsage;
}

// Every pack of the folder, refused ones told in it.
Result<pack::Library> load(const std::string& folder) {
    auto library = pack::read_packs({folder});
    if (!library) return fail(library.error());
    if (library->packs.empty() && library->refused.empty())
        return fail(ErrorCode::not_found, folder + ": no pack is there");
    return library;
}

std::string summary(const pack::Findings& found) {
    const std::pair<const char*, std::size_t> counts[] = {
        {"ports", found.ports.size()},    {"sensors", found.sensors.size()},
        {"states", found.states.size()},  {"processors", found.processors.size()},
        {"memory", found.memory.size()},  {"storage", found.storage.size()},
        {"links", found.links.size()},    {"inventory", found.inventory.size()},
        {"metrics", found.metrics.size()}};
    std::string out;
    for (const auto& [word, count] : counts) {
        if (count == 0) continue;
        if (!out.empty()) out += ", ";
        out += fmt::format("{} {}", count, word);
    }
    return out.empty() ? "nothing" : out;
}

std::string device_line(const pack::Device& device) {
    std::string out;
    for (const std::string* word :
         {&device.vendor, &device.kind, &device.model, &device.version, &device.serial}) {
        if (!out.empty()) out += " · ";
        out += word->empty() ? "?" : printable(*word);
    }
    return out;
}

void print_findings(const pack::Findings& found) {
    std::cout << device_line(found.device) << "\n" << summary(found) << "\n";
    Table values({"what", "value", "unit", "OID"});
    for (const auto& sensor : found.sensors)
        values.add({printable(sensor.label), fmt::format("{:.6g}", sensor.value), sensor.unit,
                    pack::format_oid(sensor.oid)});
    for (const auto& processor : found.processors)
        values.add({printable(processor.label), fmt::format("{:.6g}", processor.value), "percent",
                    pack::format_oid(processor.oid)});
    for (const auto& state : found.states)
        values.add(
            {printable(state.label), printable(state.text), state.severity, pack::format_oid(state.oid)});
    for (const auto& metric : found.metrics)
        values.add({printable(metric.name), fmt::format("{:.6g}", metric.value), metric.type,
                    pack::format_oid(metric.oid)});
    std::cout << values.text();
}

// The recordings named, and those of folders, in the order of names.
std::vector<std::string> recordings_of(const std::vector<std::string>& arguments) {
    std::vector<std::string> out;
    for (const std::string& argument : arguments) {
        std::error_code error;
        if (!fs::is_directory(argument, error)) {
            out.push_back(argument);
            continue;
        }
        for (const auto& entry : fs::directory_iterator(argument, error))
            if (entry.path().extension() == ".snmprec") out.push_back(entry.path().string());
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<pack::Findings> evaluate_file(const pack::Library& library, const std::string& path) {
    const auto recording = pack::read_recording(path);
    if (!recording) return fail(recording.error());
    return pack::evaluate(pack::choose_packs(library, recording->values), recording->values);
}

Result<void> write_facts(const pack::Library& library, const std::string& recording,
                         const std::string& folder) {
    const auto found = evaluate_file(library, recording);
    if (!found) return fail(found.error());
    const fs::path path = fs::path(folder) / (fs::path(recording).stem().string() + ".json");
    std::ofstream out(path);
    out << facts_json(*found) << "\n";
    if (!out.flush()) return fail(ErrorCode::io, path.string() + ": cannot be written");
    return {};
}

int export_facts(const Target& target, const TryOptions& options, const pack::Library& library) {
    if (options.output.empty()) return failed(target, {ErrorCode::config, "--export needs --out DIRECTORY"});
    std::error_code error;
    fs::create_directories(options.output, error);
    if (error) return failed(target, {ErrorCode::io, options.output + ": " + error.message()});
    std::size_t count = 0;
    int exit_code = kDone;
    for (const std::string& recording : recordings_of(options.arguments)) {
        if (auto ok = write_facts(library, recording, options.output); !ok) {
            exit_code = failed(target, ok.error());
        } else {
            ++count;
        }
    }
    std::cerr << fmt::format("{} recordings written to {}\n", count, options.output);
    return exit_code;
}

}  // namespace

int check_packs(const Target& target, const std::vector<std::string>& files) {
    const auto library = pack::read_packs(files);
    if (!library) return failed(target, library.error());
    for (const std::string& note : library->notes) std::cerr << printable(note) << "\n";
    if (!library->refused.empty()) return refused(target, all_refusals(*library));
    return done(target,
                fmt::format("{} files, {} packs: nothing is wrong", library->read, library->packs.size()));
}

int explain_packs(const Target& target, const std::string& folder, const std::string& recording) {
    const auto library = load(folder);
    if (!library) return failed(target, library.error());
    if (!library->refused.empty()) return refused(target, all_refusals(*library));
    const auto read = pack::read_recording(recording);
    if (!read) return failed(target, read.error());
    const auto choices = pack::choose_packs(*library, read->values);
    Table table({"pack", "why", "finds alone"});
    for (const auto& choice : choices)
        table.add(
            {printable(choice.pack->name), choice.why, summary(pack::evaluate({choice}, read->values))});
    const auto found = pack::evaluate(choices, read->values);
    std::cout << device_line(found.device) << "\n" << table.text() << "together: " << summary(found) << "\n";
    return kDone;
}

int try_packs(const Target& target, const TryOptions& options) {
    const bool own_pack = options.export_format.empty() && options.arguments.size() == 2;
    auto library = own_pack ? pack::read_packs({options.arguments.front()}) : load(options.folder);
    if (!library) return failed(target, library.error());
    if (!library->refused.empty()) return refused(target, all_refusals(*library));
    if (!options.export_format.empty()) return export_facts(target, options, *library);
    if (options.arguments.size() > 2) return failed(target, {ErrorCode::config, "expected [PACK] RECORDING"});
    const auto found = evaluate_file(*library, options.arguments.back());
    if (!found) return failed(target, found.error());
    if (target.json) {
        std::cout << facts_json(*found) << "\n";
    } else {
        print_findings(*found);
    }
    return kDone;
}

}  // namespace outstation::ctl
