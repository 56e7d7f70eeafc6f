// SPDX-License-Identifier: GPL-3.0-or-later
// Texts to packs, with the former text where the new one is wrong.
#include "daemons/polld/pack_shelf.hpp"

#include <utility>

#include "drivers/pack/needs.hpp"

namespace outstation::polld {
namespace {

void add_lines(std::vector<std::string>& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

}  // namespace

Result<std::vector<std::string>> PackShelf::read(const std::string& folder) {
    auto texts = pack::read_pack_texts(folder);
    if (!texts) return fail(texts.error());
    return take(std::move(*texts));
}

std::vector<std::string> PackShelf::take(std::map<std::string, std::string> texts) {
    std::vector<std::string> mistakes;
    auto library = pack::load_packs(texts);
    for (const Error& error : library.refused) add_lines(mistakes, error.text);
    for (const std::string& file : library.refused_files) {
        const auto before = good_.find(file);
        if (before == good_.end()) {
            texts.erase(file);
        } else {
            texts[file] = before->second;
        }
    }
    if (!mistakes.empty()) library = pack::load_packs(texts);
    good_ = std::move(texts);
    probes_ = pack::probes_of(library);
    library_ = std::make_shared<const pack::Library>(std::move(library));
    return mistakes;
}

}  // namespace outstation::polld
