// SPDX-License-Identifier: GPL-3.0-or-later
// Renaming, counting, unlinking.
#include "lib/store/journal/set_aside.hpp"

#include <utility>

namespace outstation::store {
namespace {

constexpr std::string_view kSuffix = ".bad";

}  // namespace

Result<SegmentName> parse_set_aside_name(std::string_view name) {
    if (!name.ends_with(kSuffix)) return fail(ErrorCode::malformed, "not set aside: " + std::string(name));
    return parse_segment_name(name.substr(0, name.size() - kSuffix.size()));
}

void SetAside::find(const std::string& directory, const std::vector<std::string>& names,
                    std::uint64_t otherwise) {
    for (const std::string& name : names) {
        if (!parse_set_aside_name(name)) continue;
        std::string path = directory + "/" + name;
        const auto file = files_.open(path, FileSystem::Mode::read);
        const auto octets = file ? (*file)->size() : fail(file.error());
        const std::lock_guard lock(mutex_);
        kept_.push_back({std::move(path), octets.value_or(otherwise)});
    }
}

Result<void> SetAside::take(const Segment& segment) {
    std::string path = segment.path;
    path.append(kSuffix);
    if (auto moved = files_.rename(segment.path, path); !moved) return moved;
    const std::lock_guard lock(mutex_);
    news_.push_back(path);
    kept_.push_back({std::move(path), segment.file_octets});
    return {};
}

std::size_t SetAside::drop() {
    return drop_those([](const Kept&) { return true; });
}

void SetAside::drop_stuck() {
    drop_those([](const Kept& each) { return each.stuck.has_value(); });
}

// Nobody who asks waits for the device.
std::size_t SetAside::drop_those(const std::function<bool(const Kept&)>& wanted) {
    std::vector<Kept> kept;
    {
        const std::lock_guard lock(mutex_);
        kept = kept_;
    }
    std::vector<Kept> left;
    for (Kept& each : kept) {
        const auto removed = wanted(each) ? files_.remove(each.path) : Result<void>();
        if (wanted(each) && (removed || removed.error().code == ErrorCode::not_found)) continue;
        if (!removed) each.stuck = removed.error();
        left.push_back(std::move(each));
    }
    const std::size_t dropped = kept.size() - left.size();
    const std::lock_guard lock(mutex_);
    kept_ = std::move(left);
    return dropped;
}

std::uint64_t SetAside::octets() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const Kept& each : kept_) sum += each.octets;
    return sum;
}

std::uint64_t SetAside::stuck_octets() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const Kept& each : kept_) sum += each.stuck ? each.octets : 0;
    return sum;
}

std::optional<Error> SetAside::stuck() const {
    const std::lock_guard lock(mutex_);
    for (const Kept& each : kept_) {
        if (each.stuck) return each.stuck;
    }
    return std::nullopt;
}

std::size_t SetAside::files() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
}

std::vector<std::string> SetAside::take_news() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, {});
}

}  // namespace outstation::store
