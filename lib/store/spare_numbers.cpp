// SPDX-License-Identifier: GPL-3.0-or-later
// Looking through the definitions of segments and files.
#include "lib/store/spare_numbers.hpp"

#include <utility>

#include "lib/store/frame_cursor.hpp"

namespace outstation::store {
namespace {

class UsedNumbers {
  public:
    explicit UsedNumbers(std::uint32_t last) : used_(std::size_t{last} + 1) {}

    Result<void> add(JournalView samples) {
        FrameCursor frames(std::move(samples));
        for (std::size_t part = 0; part < frames.view().parts().size(); ++part) {
            const auto entries = frames.view().entries(part);
            if (!entries) return fail(entries.error());
            for (const FrameEntry& entry : *entries) {
                if ((entry.info.flags & kFlagDefinitions) == 0) continue;
                const auto body = frames.read_rest(part, entry);
                if (!body) return fail(body.error());
                for (const auto& def : body->series) add(def.id);
            }
        }
        return {};
    }
    Result<void> add(HistoryReader& history, const HistoryFileInfo& file) {
        const auto series = history.series(file.name);
        if (!series) return fail(series.error());
        for (const std::uint32_t id : *series) add(id);
        return {};
    }
    [[nodiscard]] bool has(std::uint32_t id) const { return used_[id]; }

  private:
    void add(std::uint32_t id) {
        if (id < used_.size()) used_[id] = true;
    }
    std::vector<bool> used_;
};

}  // namespace

Result<std::vector<std::uint32_t>> find_spare_numbers(const Dictionary& dictionary, JournalView samples,
                                                      HistoryReader& history,
                                                      const std::vector<HistoryFileInfo>& files,
                                                      const LatestTable& latest) {
    UsedNumbers used(dictionary.last());
    if (const auto ok = used.add(std::move(samples)); !ok) return fail(ok.error());
    for (const HistoryFileInfo& file : files) {
        if (const auto ok = used.add(history, file); !ok) return fail(ok.error());
    }
    std::vector<std::uint32_t> out;
    static const std::string kAny;
    dictionary.visit({1, kAny, kAny}, [&](const Dictionary::Encoded& def) {
        if (!used.has(def.id) && !latest.has(def.id)) out.push_back(def.id);
        return true;
    });
    return out;
}

}  // namespace outstation::store
