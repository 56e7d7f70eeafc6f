// SPDX-License-Identifier: GPL-3.0-or-later
// Read, fold, keep within the limit, answer; what is damaged is set aside.
#include "lib/store/state/folded_states.hpp"

#include <algorithm>

#include "lib/store/queries.hpp"

namespace outstation::store {
namespace {

constexpr int kMostSlices = 16;  // let go of at a time

// Anything else may pass: no room, a disk that answers again.
bool says_not_ours(const Error& error) {
    return error.code == ErrorCode::malformed || error.code == ErrorCode::refused ||
           error.code == ErrorCode::bug;
}

// Behind what the journal told, from `next` on; what cannot be read is passed when nothing else was told.
std::uint64_t behind(const wire::ReplayReply& reply, std::uint64_t next) {
    if (!reply.states.empty()) next = std::max(next, reply.first_sequence + reply.states.size());
    for (const auto& gap : reply.gaps) next = std::max(next, gap.first_sequence + gap.count);
    if (!reply.states.empty() || !reply.gaps.empty()) return next;
    for (const auto& span : reply.damaged) next = std::max(next, span.last_sequence + 1);
    return next;
}

Fact place_of(const wire::StatesRequest& request) {
    Fact out;
    out.device = request.device;
    out.component = request.after_component;
    out.attribute = request.after_attribute;
    return out;
}

wire::FactRow row_of(Fact&& fact) {
    return {std::move(fact.device),
            std::move(fact.component),
            std::move(fact.attribute),
            std::move(fact.value),
            std::move(fact.reason),
            fact.since_ns,
            fact.until_ns,
            fact.sequence,
            std::move(fact.name)};
}

}  // namespace

FoldedStates::FoldedStates(FileSystem& files, std::string directory, std::shared_ptr<const Journal> journal)
    : files_(files),
      directory_(directory),
      file_(files, std::move(directory)),
      journal_(std::move(journal)) {}

std::uint64_t FoldedStates::let_go_to() const {
    return failing_ ? UINT64_MAX : folded_to_.load();
}

std::optional<Error> FoldedStates::take_set_aside() {
    return std::exchange(set_aside_, std::nullopt);
}

std::vector<std::string> FoldedStates::take_left_out() {
    return db_ ? db_->take_left_out() : std::vector<std::string>();
}

Result<bool> FoldedStates::fold() {
    open_failed_.reset();
    auto more = fold_or_heal();
    failures_ = more ? 0 : failures_ + 1;
    if (more || failures_ < kPatience || more.error().code != ErrorCode::io || file_.is_readable())
        return more;
    failures_ = 0;
    const auto healed = heal(more.error());
    return healed ? Result<bool>(true) : fail(healed.error());
}

Result<bool> FoldedStates::fold_or_heal() {
    auto more = fold_some();
    if (!more && says_not_ours(more.error())) {
        const auto healed = heal(more.error());
        more = healed ? Result<bool>(true) : fail(healed.error());
    }
    failing_ = !more.has_value();
    return more;
}

Result<bool> FoldedStates::fold_some() {
    if (auto ok = open(); !ok) return fail(ok.error());
    const JournalStream& stream = journal_->stream(StreamId::state);
    const std::uint64_t end = stream.view().end_sequence();
    if (next_ >= end) return forget_others();
    const auto reply = read_records();
    if (!reply && reply.error().code == ErrorCode::not_found) return true;  // dropped meanwhile
    if (!reply) return fail(ErrorCode::io, reply.error().text);
    const auto applied = db_->apply(reply->first_sequence, reply->states);
    file_.measure();
    if (!applied) return fail(applied.error());
    // While nothing could be folded the journal went on, and may have let records go.
    tell_lost(next_, stream.view().first_sequence() - 1, "the journal let go of them before");
    next_ = std::max(behind(*reply, next_), reply->more ? 0 : end);
    for (const auto& span : reply->damaged) {
        if (span.first_sequence < next_)
            tell_lost(span.first_sequence, span.last_sequence, "they cannot be read");
    }
    folded_to_ = next_ - 1;
    if (const auto ok = keep_limit(); !ok) return fail(ok.error());
    return reply->more;
}

// What cannot be read is asked for twice; what the device does not give may come back, and is waited for.
Result<wire::ReplayReply> FoldedStates::read_records() const {
    const JournalStream& stream = journal_->stream(StreamId::state);
    const wire::ReplayRequest request{StreamId::state, next_, kRecordsATime};
    std::optional<Error> unreadable;
    auto reply = replay_journal(stream, stream.view(), request, &unreadable);
    if (!reply || reply->damaged.empty()) return reply;
    reply = replay_journal(stream, stream.view(), request, &unreadable);
    if (!reply || reply->damaged.empty()) return reply;
    const bool in_front =
        reply->states.empty() || reply->damaged.front().first_sequence < reply->first_sequence;
    if (in_front && unreadable && failures_ < kPatience) return fail(*unreadable);
    return reply;
}

// The file has what the log leaves.
void FoldedStates::tell_limit() {
    const std::uint64_t limit = limit_octets_;
    db_->set_most_octets(limit - std::min(file_.log_octets(), limit / 2));
}

// A slice goes through the log, which is brought into the file before the next.
Result<void> FoldedStates::keep_limit() {
    const std::uint64_t limit = limit_octets_;
    tell_limit();
    if (limit == 0 || octets() <= limit) return {};
    if (auto ok = file_.drop_aside(); !ok) return ok;
    for (int slices = 0; slices < kMostSlices; ++slices) {
        const auto trimmed = db_->trim_past();
        if (!trimmed) return fail(trimmed.error());
        if (!*trimmed) break;
        if (const auto pages = db_->checkpoint(); !pages) return fail(pages.error());
    }
    file_.measure();
    return {};
}

void FoldedStates::keep_only(const std::set<std::string, std::less<>>& devices) {
    if (devices.empty()) return;
    listed_ = {devices, journal_->stream(StreamId::state).next_sequence()};
    listed_is_written_ = false;
}

// Of devices that were removed, once all is folded. A list without any device is no reason to forget all.
Result<bool> FoldedStates::forget_others() {
    if (listed_.names.empty()) return false;
    if (!listed_is_written_) {
        if (const auto ok = write_listed(files_, directory_, listed_); !ok) return fail(ok.error());
        listed_is_written_ = true;
    }
    for (int slices = 0; slices < kMostSlices; ++slices) {
        const auto forgot = db_->forget_others(listed_.names, listed_.before);
        if (!forgot || !*forgot) return forgot;
    }
    return true;
}

void FoldedStates::tell(const Error& error) {
    if (!set_aside_) {
        set_aside_ = error;
    } else {
        set_aside_->text.append("; ").append(error.text);
    }
}

void FoldedStates::tell_lost(std::uint64_t first, std::uint64_t last, const char* why) {
    first = std::max(first, told_to_ + 1);
    if (last == UINT64_MAX || first > last) return;  // there is nothing, or nothing more
    told_to_ = last;
    std::string text = file_.path();
    text.append(": what records ").append(std::to_string(first)).append(" to ").append(std::to_string(last));
    tell({ErrorCode::io, text.append(" said is gone: ").append(why)});
}

Result<void> FoldedStates::open() {
    if (db_) return {};
    if (open_failed_) return fail(*open_failed_);
    auto ok = open_file();
    if (!ok) db_.reset();
    if (!ok && !says_not_ours(ok.error())) open_failed_ = ok.error();
    file_.measure();
    return ok;
}

// Every record from the first on is there and can be read.
bool FoldedStates::journal_has_all() const {
    const JournalStream& stream = journal_->stream(StreamId::state);
    if (stream.view().first_sequence() != 1) return false;
    for (std::uint64_t next = 1, asked = 0; next > asked;) {
        const auto reply = replay_journal(stream, stream.view(), {StreamId::state, next, kRecordsATime});
        if (!reply || !reply->damaged.empty()) return false;
        if (!reply->more) return true;
        asked = std::exchange(next, behind(*reply, next));
    }
    return false;
}

Result<void> FoldedStates::open_file() {
    auto db = file_.open(journal_->epochs(), [this] { return journal_has_all(); });
    if (!db) return fail(db.error());
    db_ = std::move(*db);
    tell_limit();
    const std::uint64_t applied = db_->applied_sequence();
    if (applied >= journal_->stream(StreamId::state).next_sequence())
        return fail(ErrorCode::malformed, file_.path() + ": has record " + std::to_string(applied) +
                                              ", which the journal does not have yet");
    next_ = applied + 1;
    folded_to_ = applied;
    return {};
}

Result<void> FoldedStates::heal(const Error& error) {
    db_.reset();
    next_ = 1;
    folded_to_ = 0;
    if (auto ok = file_.set_aside(); !ok) return fail(ok.error().in(error.text));
    file_.measure();
    const std::uint64_t first = journal_->stream(StreamId::state).view().first_sequence();
    std::string text = error.text;
    text += "; what there was is " + file_.path() + ".aside now, and the journal is folded again";
    if (first > 1) {
        text += "; what records before " + std::to_string(first) + " said is gone";
        told_to_ = std::max(told_to_, first - 1);
    }
    tell({error.code, std::move(text)});
    return {};
}

Result<wire::FactsReply> FoldedStates::search(const wire::SearchRequest& request) {
    return answer([&](StateDb& db) { return db.search(request.typed, request.limit); });
}

Result<wire::FactsReply> FoldedStates::states(const wire::StatesRequest& request) {
    if (request.device.empty()) return fail(ErrorCode::not_found, "states of no device");
    return answer([&, after = place_of(request)](StateDb& db) {
        return request.at_ns == 0 ? db.now(request.device, &after, request.limit)
                                  : db.at(request.device, request.at_ns, &after, request.limit);
    });
}

Result<wire::FactsReply> FoldedStates::history(const wire::StateHistoryRequest& request) {
    return answer([&](StateDb& db) {
        return db.history(request.device, request.component, request.attribute, request.before_sequence,
                          request.limit);
    });
}

Result<wire::FactsReply> FoldedStates::answer(
    const std::function<Result<StateDb::Page>(StateDb&)>& question) {
    const auto more = fold_or_heal();
    if (!db_)
        return fail(more ? Error{ErrorCode::exhausted, "the states are being folded again"} : more.error());
    auto page = question(*db_);
    if (!page && says_not_ours(page.error())) (void)heal(page.error());
    if (!page) return fail(page.error());
    wire::FactsReply reply;
    reply.more = page->more;
    reply.behind = !more || *more;
    for (Fact& fact : page->facts) reply.facts.push_back(row_of(std::move(fact)));
    return reply;
}

}  // namespace outstation::store
