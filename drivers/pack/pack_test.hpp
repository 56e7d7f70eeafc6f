// SPDX-License-Identifier: GPL-3.0-or-later
// Packs and recordings as tests write them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/library.hpp"
#include "drivers/pack/recording.hpp"

namespace outstation::pack {

inline Library library_of(const std::map<std::string, std::string>& texts) {
    Library out = load_packs(texts);
    for (const Error& error : out.refused) ADD_FAILURE() << error.text;
    return out;
}

inline Recording recording_of(const std::string& lines) {
    auto out = parse_recording(lines);
    EXPECT_TRUE(out);
    return out ? std::move(*out) : Recording{};
}

// What one pack that always matches finds.
inline Findings found_by(const std::string& yaml, const std::string& lines) {
    const Library library = library_of({{"a.yaml", "pack: a\nmatch: always\n" + yaml}});
    const Recording recording = recording_of(lines);
    return evaluate(choose_packs(library, recording.values), recording.values);
}

}  // namespace outstation::pack
