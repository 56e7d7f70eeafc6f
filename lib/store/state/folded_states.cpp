// SPDX-License-Identifier: GPL-3.0-or-later
// Open, check, fold, answer; what is damaged is set aside.
#include "lib/store/state/folded_states.hpp"

#include <algorithm>

#include "lib/store/queries.hpp"
#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/vfs_file.hpp"

namespace outstation::store {
namespace {

constexpr std::uint64_t kLockPage = (1U << 30) / kPageOctets;  // SQLite leaves it alone
constexpr int kMostTrims = 16;                                 // a tenth each
constexpr std::uint64_t kPagesATime = 64;

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
            fact.sequence};
}

}  // namespace

FoldedStates::FoldedStates(FileSystem& files, std::string directory, std::shared_ptr<const Journal> journal)
    : files_(files), directory_(std::move(directory)), journal_(std::move(journal)) {}

std::uint64_t FoldedStates::let_go_to() const {
    return failing_ ? UINT64_MAX : folded_to_.load();
}

std::optional<Error> FoldedStates::take_set_aside() {
    return std::exchange(set_aside_, std::nullopt);
}

Result<bool> FoldedStates::fold() {
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
    JournalView view = stream.view();
    const std::uint64_t end = view.end_sequence();
    if (next_ >= end) return false;
    const auto reply = replay_journal(stream, std::move(view), {StreamId::state, next_, kRecordsATime});
    if (!reply && reply.error().code == ErrorCode::not_found) return true;  // dropped meanwhile
    if (!reply) return fail(ErrorCode::io, reply.error().text);
    tell_lost(stream.view().first_sequence());
    const auto applied = db_->apply(reply->first_sequence, reply->states);
    measure();
    if (!applied) return fail(applied.error());
    next_ = reply->more ? behind(*reply, next_) : end;
    folded_to_ = next_ - 1;
    if (const auto ok = keep_limit(); !ok) return fail(ok.error());
    return reply->more;
}

// The log is small and comes on top.
Result<void> FoldedStates::keep_limit() {
    const std::uint64_t limit = limit_octets_;
    if (limit == 0 || octets_ <= limit) return {};
    for (const char* suffix : {".aside", ".aside-wal"}) {
        const auto removed = files_.remove(path() + suffix);
        if (!removed && removed.error().code != ErrorCode::not_found) return removed;
    }
    for (int times = 0; times < kMostTrims; ++times) {
        const auto trimmed = db_->trim_past(limit);
        if (!trimmed) return fail(trimmed.error());
        if (!*trimmed) break;
    }
    measure();
    return {};
}

// While nothing could be folded the journal went on, and may have let records go.
void FoldedStates::tell_lost(std::uint64_t journal_first) {
    if (journal_first <= next_ || set_aside_) return;
    std::string text = path();
    text.append(": what records ").append(std::to_string(next_)).append(" to ");
    text.append(std::to_string(journal_first - 1)).append(" said is gone: the journal let go of them before");
    set_aside_ = Error{ErrorCode::io, std::move(text)};
}

Result<void> FoldedStates::open() {
    if (db_) return {};
    if (!vfs_) {
        auto vfs = Vfs::make(files_);
        if (!vfs) return fail(vfs.error());
        vfs_ = std::move(*vfs);
    }
    if (!lock_) {
        if (const auto ok = take_directory(); !ok) return fail(ErrorCode::io, ok.error().text);
    }
    auto ok = open_file();
    if (!ok) db_.reset();
    measure();
    return ok;
}

// Nothing in it is touched while another has it.
Result<void> FoldedStates::take_directory() {
    if (auto ok = files_.make_directory(directory_); !ok) return ok;
    if (auto ok = files_.sync_directory(directory_of(directory_)); !ok) return ok;
    auto lock = files_.lock(directory_ + "/lock");
    if (!lock) return fail(lock.error());
    lock_ = std::move(*lock);
    return {};
}

Result<void> FoldedStates::open_file() {
    auto db = StateDb::open(*vfs_, path(), journal_->epochs());
    if (!db) return fail(db.error());
    db_ = std::move(*db);
    const auto pages = db_->checkpoint();
    if (!pages) return fail(pages.error());
    if (auto ok = check_pages(*pages); !ok) return ok;
    const std::uint64_t applied = db_->applied_sequence();
    if (applied >= journal_->stream(StreamId::state).next_sequence())
        return fail(ErrorCode::malformed, path() + ": has record " + std::to_string(applied) +
                                              ", which the journal does not have yet");
    next_ = applied + 1;
    folded_to_ = applied;
    return {};
}

// A bit that turned is found at the start, not when a page is needed.
Result<void> FoldedStates::check_pages(std::uint64_t pages) const {
    const auto file = files_.open(path(), FileSystem::Mode::read);
    if (!file) return fail(file.error());
    for (std::uint64_t first = 0; first < pages; first += kPagesATime) {
        const std::uint64_t count = std::min(kPagesATime, pages - first);
        const auto bytes = (*file)->read(first * kPageOctets, count * kPageOctets);
        if (!bytes) return fail(bytes.error());
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto page =
                std::string_view(*bytes).substr(std::min(bytes->size(), i * kPageOctets), kPageOctets);
            if (first + i != kLockPage && !page_is_whole(page, first + i))
                return fail(ErrorCode::malformed,
                            path() + ": page " + std::to_string(first + i) + " is damaged");
        }
    }
    return {};
}

Result<void> FoldedStates::heal(const Error& error) {
    db_.reset();
    next_ = 1;
    folded_to_ = 0;
    if (auto ok = set_aside(error); !ok) return ok;
    measure();
    const std::uint64_t first = journal_->stream(StreamId::state).view().first_sequence();
    std::string text = error.text;
    text += "; it is " + path() + ".aside now, and the journal is folded again";
    if (first > 1) text += "; what records before " + std::to_string(first) + " said is gone";
    set_aside_ = Error{error.code, std::move(text)};
    return {};
}

// The file first: SQLite throws the log of a new file away, but a file without its log may lack pages.
Result<void> FoldedStates::set_aside(const Error& why) {
    const std::string aside = path() + ".aside";
    if (auto ok = files_.rename(path(), aside); !ok) return fail(ok.error().in(why.text));
    const auto moved = files_.rename(path() + "-wal", aside + "-wal");
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
    return files_.sync_directory(directory_);
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
    const auto more = fold();
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

void FoldedStates::measure() {
    const auto names = files_.list(directory_);
    if (!names) return;
    std::uint64_t sum = 0;
    for (const std::string& name : *names) {
        const auto file = files_.open(directory_ + "/" + name, FileSystem::Mode::read);
        const auto octets = file ? (*file)->size() : fail(file.error());
        if (octets) sum += *octets;
    }
    octets_ = sum;
}

}  // namespace outstation::store
