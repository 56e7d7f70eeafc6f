// SPDX-License-Identifier: GPL-3.0-or-later
// All packs of a station: read from YAML, `extends` resolved, and which of them a device gets. A pack with a
// mistake is refused whole, and so is what extends it; the others stand. Threads: any once it is loaded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/pack/pack.hpp"
#include "drivers/pack/values.hpp"
#include "lib/model/result.hpp"

namespace outstation::pack {

struct Library {
    std::vector<Pack> packs;     // that a device can match, or that give vendors; in the order of names
    std::vector<Error> refused;  // a file each: every mistake with its line and column
    std::vector<std::string> refused_files;    // their names, in the same order
    std::vector<std::string> notes;            // what is missing although nothing is refused for it
    std::size_t read = 0;                      // files, those that only others extend among them
    std::map<std::string, std::string> words;  // of all files: labels in Chinese
};

// File name -> YAML. `extends` names a file of the same folder.
[[nodiscard]] Library load_packs(const std::map<std::string, std::string>& texts);
// The same, but of each pack only what choose_packs() and probes_of() ask for: as little memory as may be,
// also while it is read. load_pack() has the rest.
[[nodiscard]] Library load_cards(const std::map<std::string, std::string>& texts);
// One of them whole, with labels translated by `words`; nullptr when it is refused.
[[nodiscard]] std::shared_ptr<const Pack> load_pack(const std::map<std::string, std::string>& texts,
                                                    const std::string& file,
                                                    const std::map<std::string, std::string>& words);
// Files and folders (their *.yaml). What a named file extends is looked for beside it.
[[nodiscard]] Result<Library> read_packs(const std::vector<std::string>& paths);
// What load_packs() needs of a folder, and the files of it that cannot be read. Fails only when the folder
// itself cannot be.
struct PackTexts {
    std::map<std::string, std::string> texts;
    std::map<std::string, Error> unreadable;
};
[[nodiscard]] Result<PackTexts> read_pack_texts(const std::string& folder);

struct Choice {
    const Pack* pack = nullptr;  // of the library, which has to outlive it, or of `whole`
    int specificity = 0;
    std::string why;
    std::shared_ptr<const Pack> whole{};  // in place of a card
};

// The packs of this device, the most specific first: every pack of ours that matches and that no more
// specific one excludes, and of Datadog's profiles the one with the longest sysObjectID.
[[nodiscard]] std::vector<Choice> choose_packs(const Library& library, const Values& values);

}  // namespace outstation::pack
