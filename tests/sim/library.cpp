// SPDX-License-Identifier: GPL-3.0-or-later
// Files to shared tables of values.
#include "tests/sim/library.hpp"

#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

bool is_recording(const std::string& path) {
    constexpr std::string_view kEnd = ".snmprec";
    return path.size() >= kEnd.size() && path.compare(path.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
}

// What was described must be sound to the last line.
Result<std::shared_ptr<const Mib>> load_description(const std::string& path, const Identity& identity) {
    auto document = config::Document::read(path);
    if (!document) return fail(document.error());
    const std::string text = describe(document->root(), identity);
    if (const auto sound = document->check(); !sound) return fail(sound.error());
    Recording recording = parse_snmprec(text, path + " as a recording");
    if (!recording.left_out.empty()) return fail(ErrorCode::config, recording.left_out.front());
    return std::make_shared<const Mib>(std::move(recording.mib));
}

}  // namespace

Result<std::shared_ptr<const Mib>> Library::load(const std::string& path, const Identity& identity) {
    return is_recording(path) ? load_recording(path) : load_description(path, identity);
}

Result<std::shared_ptr<const Mib>> Library::load_recording(const std::string& path) {
    if (const auto it = recordings_.find(path); it != recordings_.end()) return it->second;
    auto recording = read_snmprec(path);
    if (!recording) return fail(recording.error());
    if (recording->mib.size() == 0)
        return fail(ErrorCode::config, recording->left_out.empty()
                                           ? path + ": no instance in it"
                                           : recording->left_out.front() + "; no line of it can be used");
    left_out_.insert(left_out_.end(), recording->left_out.begin(), recording->left_out.end());
    auto mib = std::make_shared<const Mib>(std::move(recording->mib));
    recordings_.emplace(path, mib);
    return mib;
}

std::shared_ptr<const Mib> Library::renumbered(const std::shared_ptr<const Mib>& mib) {
    auto& out = renumbered_[mib.get()];
    if (!out) out = std::make_shared<const Mib>(mib->with_interfaces_renumbered());
    return out;
}

}  // namespace outstation::sim
