// SPDX-License-Identifier: GPL-3.0-or-later
// Asking polld, and writing what it says.
#include "daemons/ctl/pack_record.hpp"

#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/interrupt.hpp"
#include "daemons/ctl/new_file.hpp"
#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/library.hpp"
#include "drivers/pack/recording.hpp"
#include "drivers/pack/redact.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;
using runtime::printable;

Result<wire::RecordStatus> ask_recorder(const Target& target, const wire::RecordRequest& request) {
    return ask<wire::RecordStatus>(target.run_dir, "polld", request);
}

bool is_under_way(const wire::RecordStatus& status) {
    return status.state == "running" || status.state == "working";
}

// Until it is done; a signal cancels it.
Result<wire::RecordStatus> wait_for(const Target& target, wire::RecordStatus status) {
    const bool is_watched = !target.json && isatty(STDERR_FILENO) != 0;
    while (is_under_way(status)) {
        if (is_watched) std::cerr << "\r" << status.values << " values, " << status.requests << " requests ";
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        if (const auto on = go_on(); !on) {
            [[maybe_unused]] const auto cancelled = ask_recorder(target, {"cancel", "", false});
            return fail(on.error());
        }
        auto next = ask_recorder(target, {});
        if (!next) return next;
        status = std::move(*next);
    }
    if (is_watched) std::cerr << "\n";
    if (status.state != "done")
        return fail(ErrorCode::refused, status.state + (status.problem.empty() ? "" : ": " + status.problem));
    return status;
}

Result<std::string> fetch_text(const Target& target) {
    std::string out;
    for (;;) {
        const auto part = ask<wire::RecordText>(target.run_dir, "polld", wire::RecordTextRequest{out.size()});
        if (!part) return fail(part.error());
        out += part->text;
        if (out.size() >= part->total || part->text.empty()) return out;
    }
}

Result<void> write_whole(const std::string& path, const std::string& text) {
    auto file = NewFile::make(path);
    if (!file) return fail(file.error());
    if (const auto written = file->write(text); !written) return written;
    return file->commit();
}

std::string told(const std::string& path, std::size_t values, std::size_t stand_ins, std::size_t dropped,
                 bool plain) {
    return (path == "-" ? std::string("recording") : path) + ": " + std::to_string(values) + " values" +
           (plain ? ", NOT redacted"
                  : ", " + std::to_string(stand_ins) + " replaced, " + std::to_string(dropped) + " left out");
}

int tell(const Target& target, const std::string& path, const wire::RecordStatus& status) {
    if (target.json && path != "-") {
        std::cout << json{{"file", path},
                          {"values", status.values},
                          {"requests", status.requests},
                          {"replaced", status.stand_ins},
                          {"left_out", status.dropped},
                          {"redacted", !status.plain},
                          {"notes", status.notes}}
                         .dump(2, ' ', false, json::error_handler_t::replace)
                  << "\n";
        return kDone;
    }
    for (const std::string& note : status.notes) std::cerr << printable(note) << "\n";
    std::cerr << told(path, status.values, status.stand_ins, status.dropped, status.plain) << "\n";
    return kDone;
}

}  // namespace

int record_device(const Target& target, const RecordOptions& options) {
    const Interruptible interruptible;
    if (options.plain)
        std::cerr << "warning: what is recorded has addresses, names and serial numbers in it as they are; "
                     "give it to nobody\n";
    auto status = ask_recorder(target, {"start", options.subject, options.plain});
    if (status) status = wait_for(target, std::move(*status));
    if (!status) return failed(target, status.error());
    const auto text = fetch_text(target);
    if (!text) return failed(target, text.error());
    const std::string path = options.output.empty() ? options.subject + ".snmprec" : options.output;
    if (const auto written = write_whole(path, *text); !written) return failed(target, written.error());
    return tell(target, path, *status);
}

int redact_recording(const Target& target, const RedactOptions& options) {
    const auto library = pack::read_packs({options.folder});
    if (!library) return failed(target, library.error());
    const auto read = pack::read_recording(options.recording);
    if (!read) return failed(target, read.error());
    const pack::Redacted out = pack::redact(
        read->values, {{}, pack::evaluate(pack::choose_packs(*library, read->values), read->values)});
    const std::string path = options.output.empty() ? "-" : options.output;
    if (const auto written = write_whole(path, pack::recording_text(out.values)); !written)
        return failed(target, written.error());
    std::cerr << told(path, out.values.size(), out.stand_ins, out.dropped, false) << "\n";
    return kDone;
}

}  // namespace outstation::ctl
