// SPDX-License-Identifier: GPL-3.0-or-later
// Words and numbers that say who made a device.
#include "drivers/pack/identify.hpp"

#include <utility>

#include "drivers/pack/row.hpp"
#include "drivers/pack/system.hpp"

namespace outstation::pack {
namespace {

constexpr int kMaxEnterprises = 64;  // that a device answers; the rest is not looked at

const Oid& enterprises() {
    static const Oid kEnterprises = {1, 3, 6, 1, 4, 1};  // SNMPv2-SMI, RFC 2578
    return kEnterprises;
}

class Identifier {
  public:
    Identifier(const std::vector<Choice>& choices, const Values& values)
        : choices_(choices), values_(values), searches_(values, budget_), system_(read_system(values)) {
        const auto oid = parse_oid(system_.object_id);
        if (oid && is_under(*oid, enterprises())) number_ = (*oid)[6];
        out_.name = system_.name;
        out_.object_id = system_.object_id;
        out_.description = system_.description;
    }

    Device run() {
        for (const Choice& choice : choices_) take(choice.pack->identity);
        take(hint(false));
        if (!is_known()) take_answered();
        for (const Choice& choice : choices_) take(choice.pack->fallback);
        take(hint(true));
        return std::move(out_);
    }

  private:
    [[nodiscard]] bool is_known() const { return !out_.vendor.empty() && !out_.kind.empty(); }

    void take(const std::map<std::string, Field>& fields) {
        const Rule rule;
        const Oid none;
        const Row row(searches_, rule, none, nullptr);
        const std::pair<const char*, std::string*> words[] = {{"vendor", &out_.vendor},
                                                              {"class", &out_.kind},
                                                              {"model", &out_.model},
                                                              {"version", &out_.version},
                                                              {"serial", &out_.serial}};
        for (const auto& [word, text] : words) {
            const auto field = fields.find(word);
            if (text->empty() && field != fields.end()) *text = row.text(field->second);
        }
    }

    void take(const VendorHint* hint) {
        if (hint == nullptr) return;
        if (out_.vendor.empty()) out_.vendor = hint->vendor;
        if (out_.kind.empty()) out_.kind = hint->kind;
    }

    [[nodiscard]] bool fits(const VendorHint& hint) const {
        return (hint.enterprise == 0 || hint.enterprise == number_) &&
               (!hint.description || hint.description->matches(system_.description));
    }

    [[nodiscard]] const VendorHint* hint(bool last_resort) const {
        for (const Choice& choice : choices_)
            for (const VendorHint& hint : choice.pack->vendors)
                if (hint.last_resort == last_resort && fits(hint)) return &hint;
        return nullptr;
    }

    // The maker of objects that the device answers, unless others are known to answer them, too.
    [[nodiscard]] const VendorHint* maker_of(std::uint32_t number) const {
        for (const Choice& choice : choices_)
            for (const VendorHint& hint : choice.pack->vendors)
                if (hint.enterprise == number && !hint.description && !hint.last_resort && !hint.is_shared)
                    return &hint;
        return nullptr;
    }

    void take_answered() {
        const auto* entry = values_.next(enterprises());
        for (int n = 0; entry != nullptr && is_under(entry->first, enterprises()) && n < kMaxEnterprises;
             ++n) {
            const std::uint32_t number = entry->first[enterprises().size()];
            if (const VendorHint* hint = maker_of(number)) return take(hint);
            if (number == UINT32_MAX) return;
            entry = values_.next(join(enterprises(), {number + 1}));
        }
    }

    const std::vector<Choice>& choices_;
    const Values& values_;
    MatchBudget budget_{kMaxMatchStates};
    Searches searches_;
    System system_;
    std::uint32_t number_ = 0;  // of the enterprise in sysObjectID
    Device out_;
};

}  // namespace

Device identify(const std::vector<Choice>& choices, const Values& values) {
    return Identifier(choices, values).run();
}

}  // namespace outstation::pack
