// SPDX-License-Identifier: GPL-3.0-or-later
// The gap ledger, newest first: what was not collected, dropped, thinned or damaged, and why.
#include <algorithm>

#include "daemons/webd/damaged_json.hpp"
#include "daemons/webd/fleet.hpp"
#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"

namespace outstation::webd {
namespace {

constexpr std::uint32_t kMostAsked = 500;  // entries in one question to stored
constexpr int kMostQuestions = 8;          // for one answer

// The contract's schema LedgerEntry.
Json entry_json(const wire::StoredLedger& entry, const wire::ConfigReply& config) {
    const wire::LedgerRecord& record = entry.record;
    const bool numbered = record.first_sequence != 0;
    return Json{
        {"sequence", entry.sequence == 0 ? Json(nullptr) : Json(entry.sequence)},
        {"account", word_of(record.account)},
        {"stream", std::string(stream_name(record.stream))},
        {"device", json_text(record.device)},
        {"device_name", device_name_json(record.device, config)},
        {"from", json_time(record.from_ns)},
        {"to", json_time(record.to_ns)},
        {"reason", clean_text(record.reason)},
        {"first_sequence", numbered ? Json(record.first_sequence) : Json(nullptr)},
        {"last_sequence", numbered ? Json(record.last_sequence) : Json(nullptr)},
        {"step_s", record.step_ns != 0 ? Json(static_cast<double>(record.step_ns) / 1e9) : Json(nullptr)}};
}

// One page on its way: stored knows devices and times, the account is looked for here.
struct Search {
    Site& site;
    CallPtr call;
    wire::LedgerRequest request;
    std::optional<wire::Account> account;
    std::size_t limit = 0;
    int asked = 0;
    std::size_t numbered = 0;  // of the items; what is not over yet comes on top of the page
    Json items = Json::array();
    std::vector<wire::DamagedSpan> damaged = {};

    [[nodiscard]] bool wants(const wire::LedgerRecord& record) const {
        return !account || *account == record.account;
    }
    void finish(std::uint64_t next) const {
        call->reply(Json{{"items", items},
                         {"next", next != 0 ? Json(std::to_string(next)) : Json(nullptr)},
                         {"damaged", damaged_json(damaged)}});
    }
};

// Adds what is wanted until the page is full. The sequence behind which the ledger was not looked at; 0: this
// was all of it.
std::uint64_t take_entries(Search& search, const wire::LedgerReply& reply) {
    const auto config = search.site.config();
    for (const wire::StoredLedger& entry : reply.entries) {
        if (search.wants(entry.record)) {
            search.items.push_back(entry_json(entry, *config));
            if (entry.sequence != 0) ++search.numbered;
        }
        const bool last = &entry == &reply.entries.back() && !reply.more;
        if (search.numbered == search.limit) return last ? 0 : entry.sequence;
    }
    return reply.more ? reply.next_before : 0;
}

void ask_ledger(const std::shared_ptr<Search>& search) {
    auto& stored = search->site.stored();
    stored.ask<wire::LedgerReply>(search->request, [search, &stored](const Seen<wire::LedgerReply>& seen) {
        if (!seen.value) return search->call->unavailable(seen.error, stored);
        for (const wire::DamagedSpan& span : seen.value->damaged) {
            auto& known = search->damaged;
            if (std::find(known.begin(), known.end(), span) == known.end()) known.push_back(span);
        }
        const std::uint64_t next = take_entries(*search, *seen.value);
        if (next == 0 || search->numbered == search->limit || ++search->asked == kMostQuestions)
            return search->finish(next);
        search->request.before_sequence = next;
        ask_ledger(search);
    });
}

}  // namespace

void get_ledger(Site& site, const CallPtr& call) {
    const auto limit = integer_query(*call, "limit", 50, 1, 500);
    if (!limit) return;
    const auto before = integer_query(*call, "cursor", 0, 0, std::int64_t{1} << 62);
    if (!before) return;
    const auto word = call->request->query("account");
    const auto account = word ? wire::account_from(*word) : std::nullopt;
    if (word && !account) return call->fail(400, "bad_request", "there is no such account", "account");
    auto search = std::make_shared<Search>(Search{site, call, {}, account, static_cast<std::size_t>(*limit)});
    search->request.device = std::string(call->request->query("device").value_or(""));
    search->request.before_sequence = static_cast<std::uint64_t>(*before);
    search->request.limit = account ? kMostAsked : static_cast<std::uint32_t>(*limit);
    ask_ledger(search);
}

}  // namespace outstation::webd
