// SPDX-License-Identifier: GPL-3.0-or-later
// Texts to packs, with the former text where the new one is wrong.
#include "daemons/polld/pack_shelf.hpp"

#include <malloc.h>

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
    auto read = pack::read_pack_texts(folder);
    if (!read) return fail(read.error());
    std::vector<std::string> unreadable;
    for (const auto& [file, error] : read->unreadable) {
        unreadable.push_back(error.text);
        if (const auto before = good_.find(file); before != good_.end()) read->texts.insert(*before);
    }
    auto mistakes = take(std::move(read->texts));
    mistakes.insert(mistakes.end(), unreadable.begin(), unreadable.end());
    return mistakes;
}

std::vector<std::string> PackShelf::take(std::map<std::string, std::string> texts) {
    std::vector<std::string> mistakes;
    auto cards = pack::load_cards(texts);
    for (const Error& error : cards.refused) add_lines(mistakes, error.text);
    for (const std::string& file : cards.refused_files) {
        const auto before = good_.find(file);
        if (before == good_.end()) {
            texts.erase(file);
        } else {
            texts[file] = before->second;
        }
    }
    if (texts == good_) return mistakes;
    if (!mistakes.empty()) cards = pack::load_cards(texts);
    good_ = std::move(texts);
    probes_ = pack::probes_of(cards);
    cards_ = std::make_shared<const pack::Library>(std::move(cards));
    whole_.clear();
    look_.reset();
    malloc_trim(0);  // what was read for it is free now, in pieces
    return mistakes;
}

std::vector<pack::Choice> PackShelf::choose(const pack::Values& values) {
    auto out = pack::choose_packs(*cards_, values);
    for (pack::Choice& choice : out) {
        choice.whole = whole(choice.pack->file);
        choice.pack = choice.whole.get();
    }
    std::erase_if(out, [](const pack::Choice& choice) { return choice.pack == nullptr; });
    return out;
}

std::shared_ptr<const pack::Pack> PackShelf::whole(const std::string& file) {
    auto& kept = whole_[file];
    auto out = kept.lock();
    if (out == nullptr) kept = out = pack::load_pack(good_, file, cards_->words);
    return out;
}

std::shared_ptr<const PackPlan> PackShelf::plan_to_look() {
    auto out = look_.lock();
    if (out == nullptr) look_ = out = PackPlan::to_look_for(probes_);
    return out;
}

std::shared_ptr<const PackPlan> PackShelf::plan_to_read(const pack::Needs& needs) {
    const auto known = plans_.find({needs.values, needs.columns});
    if (known != plans_.end())
        if (auto out = known->second.lock()) return out;
    std::erase_if(plans_, [](const auto& plan) { return plan.second.expired(); });
    auto out = PackPlan::to_read(needs);
    plans_[{needs.values, needs.columns}] = out;
    return out;
}

}  // namespace outstation::polld
