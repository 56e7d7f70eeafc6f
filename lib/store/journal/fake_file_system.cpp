// SPDX-License-Identifier: GPL-3.0-or-later
// Files in memory with two contents each: as the programs see them and as the device has them.
#include "lib/store/journal/fake_file_system.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::size_t kSectorOctets = 512;

void put(std::string& contents, std::uint64_t offset, std::string_view bytes) {
    if (contents.size() < offset + bytes.size()) contents.resize(offset + bytes.size(), '\0');
    contents.replace(offset, bytes.size(), bytes);
}

}  // namespace

struct FakeFileSystem::Node {
    struct Write {
        std::uint64_t offset;
        std::string bytes;
    };
    std::string seen;
    std::string durable;
    std::vector<Write> unsynced;

    // Keeps whole sectors of one write, each with the given chance.
    static void keep_sectors(std::string& contents, const Write& write, std::mt19937_64& random) {
        std::size_t at = 0;
        while (at < write.bytes.size()) {
            const std::size_t to_sector_end = kSectorOctets - (write.offset + at) % kSectorOctets;
            const std::size_t octets = std::min(to_sector_end, write.bytes.size() - at);
            if (random() % 2 == 0)
                put(contents, write.offset + at, std::string_view(write.bytes).substr(at, octets));
            at += octets;
        }
    }

    void restart(std::mt19937_64& random) {
        for (const Write& write : unsynced) {
            const auto fate = random() % 3;
            if (fate == 1) put(durable, write.offset, write.bytes);
            if (fate == 2) keep_sectors(durable, write, random);
        }
        unsynced.clear();
        seen = durable;
    }
};

class FakeFileSystem::OpenFile : public File {
  public:
    OpenFile(FakeFileSystem& owner, std::string path, std::shared_ptr<Node> node)
        : owner_(owner), path_(std::move(path)), node_(std::move(node)) {}

    Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
        const std::lock_guard lock(owner_.mutex_);
        if (const auto ok = owner_.readable(path_, offset, offset + octets); !ok) return fail(ok.error());
        if (offset >= node_->seen.size()) return std::string();
        return node_->seen.substr(offset, octets);
    }
    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard lock(owner_.mutex_);
        auto ok = owner_.step("write " + path_);
        if (ok && grows_by(offset + bytes.size()) > owner_.room())
            return fail(ErrorCode::exhausted, "write " + path_ + ": no room");
        if (!ok) bytes = bytes.substr(0, owner_.writes_half() ? bytes.size() / 2 : 0);
        put(node_->seen, offset, bytes);
        node_->unsynced.push_back({offset, std::string(bytes)});
        owner_.looked();
        return ok;
    }
    Result<void> sync() override {
        const std::lock_guard lock(owner_.mutex_);
        if (const auto ok = owner_.step("sync " + path_); !ok) return ok;
        if (owner_.ignore_syncs_) return {};
        node_->durable = node_->seen;
        node_->unsynced.clear();
        return {};
    }
    Result<void> reserve(std::uint64_t octets) override {
        const std::lock_guard lock(owner_.mutex_);
        if (grows_by(octets) > owner_.room())
            return fail(ErrorCode::exhausted, "reserve " + path_ + ": no room");
        return {};
    }
    Result<std::uint64_t> size() const override {
        const std::lock_guard lock(owner_.mutex_);
        return node_->seen.size();
    }

  private:
    [[nodiscard]] std::uint64_t grows_by(std::uint64_t size) const {
        return size - std::min<std::uint64_t>(size, node_->seen.size());
    }

    FakeFileSystem& owner_;
    std::string path_;
    std::shared_ptr<Node> node_;
};

class FakeFileSystem::Lock : public FileLock {
  public:
    Lock(FakeFileSystem& owner, std::string path) : owner_(owner), path_(std::move(path)) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() override {
        const std::lock_guard lock(owner_.mutex_);
        owner_.locks_.erase(path_);
    }

  private:
    FakeFileSystem& owner_;
    std::string path_;
};

FakeFileSystem::FakeFileSystem() = default;
FakeFileSystem::~FakeFileSystem() = default;

Result<void> FakeFileSystem::step(const std::string& what) {
    if (read_only_) return fail(ErrorCode::refused, what + ": read-only");
    ++operations_;
    const bool room = fault_ == Fault::half_written || fault_ == Fault::nothing_written;
    if (operations_ == fail_at_)
        return fail(room ? ErrorCode::io : ErrorCode::exhausted, what + ": injected failure");
    if (cut_at_ != 0 && operations_ >= cut_at_) return fail(ErrorCode::io, what + ": no power");
    return {};
}

// A write that fails because power does leaves half, too.
bool FakeFileSystem::writes_half() const {
    if (read_only_) return false;
    return operations_ != fail_at_ || fault_ == Fault::half_written || fault_ == Fault::no_room_halfway;
}

Result<void> FakeFileSystem::readable(const std::string& path, std::uint64_t from, std::uint64_t to) {
    const auto bad = unreadable_.find(path);
    if (++reads_ == fail_read_at_ ||
        (bad != unreadable_.end() && from < bad->second.second && to > bad->second.first))
        return fail(ErrorCode::io, "read " + path + ": injected failure");
    return {};
}

std::uint64_t FakeFileSystem::octets_locked(const std::string& except) const {
    std::uint64_t sum = 0;
    for (const auto& [path, node] : names_) {
        if (except.empty() || !path.starts_with(except)) sum += node->seen.size();
    }
    return sum;
}

std::uint64_t FakeFileSystem::room() const {
    if (capacity_ == UINT64_MAX) return UINT64_MAX;
    return capacity_ - std::min(capacity_, octets_locked());
}

void FakeFileSystem::looked() {
    if (look_) look_(octets_locked(look_except_));
}

Result<std::unique_ptr<File>> FakeFileSystem::open(const std::string& path, Mode mode) {
    const std::lock_guard lock(mutex_);
    auto found = names_.find(path);
    if (mode == Mode::create) {
        if (found != names_.end()) return fail(ErrorCode::io, path + ": exists");
        if (const auto ok = step("create " + path); !ok) return fail(ok.error());
        found = names_.emplace(path, std::make_shared<Node>()).first;
    }
    if (found == names_.end()) return fail(ErrorCode::not_found, path + ": no such file");
    if (closed_.contains(path)) return fail(ErrorCode::io, "open " + path + ": injected failure");
    if (mode == Mode::write && read_only_) return fail(ErrorCode::refused, "open " + path + ": read-only");
    return std::make_unique<OpenFile>(*this, path, found->second);
}

Result<std::vector<std::string>> FakeFileSystem::list(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [path, node] : names_) {
        if (path.starts_with(directory + "/")) out.push_back(path.substr(directory.size() + 1));
    }
    return out;
}

Result<void> FakeFileSystem::make_directory(const std::string&) {
    return {};
}

Result<void> FakeFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    if (const auto ok = step("rename " + from); !ok) return ok;
    const auto node = names_.extract(from);
    if (node.empty()) return fail(ErrorCode::not_found, from);
    names_[to] = node.mapped();
    looked();
    return {};
}

Result<void> FakeFileSystem::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (const auto ok = step("remove " + path); !ok) return ok;
    if (names_.erase(path) == 0) return fail(ErrorCode::not_found, path);
    return {};
}

Result<void> FakeFileSystem::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (const auto ok = step("sync " + path); !ok) return ok;
    if (ignore_syncs_) return {};
    std::erase_if(durable_names_, [&](const auto& entry) { return entry.first.starts_with(path + "/"); });
    for (const auto& [name, node] : names_) {
        if (name.starts_with(path + "/")) durable_names_[name] = node;
    }
    return {};
}

Result<std::unique_ptr<FileLock>> FakeFileSystem::lock(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (read_only_) return fail(ErrorCode::refused, "lock " + path + ": read-only");
    if (locks_.contains(path)) return fail(ErrorCode::refused, path + ": another process writes this store");
    locks_[path] = true;
    return std::make_unique<Lock>(*this, path);
}

std::size_t FakeFileSystem::operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
}

void FakeFileSystem::fail_operation(std::size_t n, Fault fault) {
    const std::lock_guard lock(mutex_);
    fail_at_ = operations_ + n;
    fault_ = fault;
}

void FakeFileSystem::fail_read(std::size_t n) {
    const std::lock_guard lock(mutex_);
    fail_read_at_ = reads_ + n;
}

void FakeFileSystem::fail_reads(const std::string& path, std::uint64_t from, std::uint64_t to) {
    const std::lock_guard lock(mutex_);
    unreadable_[path] = {from, to};
}

void FakeFileSystem::fail_open(const std::string& path) {
    const std::lock_guard lock(mutex_);
    closed_[path] = true;
}

void FakeFileSystem::mend_reads() {
    const std::lock_guard lock(mutex_);
    unreadable_.clear();
    closed_.clear();
    fail_read_at_ = 0;
}

void FakeFileSystem::set_capacity(std::uint64_t octets) {
    const std::lock_guard lock(mutex_);
    capacity_ = octets;
}

void FakeFileSystem::set_read_only(bool read_only) {
    const std::lock_guard lock(mutex_);
    read_only_ = read_only;
}

std::uint64_t FakeFileSystem::octets() const {
    const std::lock_guard lock(mutex_);
    return octets_locked();
}

void FakeFileSystem::on_operation(std::function<void(std::uint64_t)> look, std::string except) {
    const std::lock_guard lock(mutex_);
    look_except_ = std::move(except);
    look_ = std::move(look);
}

void FakeFileSystem::cut_power_at(std::size_t n) {
    const std::lock_guard lock(mutex_);
    cut_at_ = operations_ + n;
}

bool FakeFileSystem::power_is_cut() const {
    const std::lock_guard lock(mutex_);
    return cut_at_ != 0 && operations_ >= cut_at_;
}

void FakeFileSystem::ignore_syncs(bool ignore) {
    const std::lock_guard lock(mutex_);
    ignore_syncs_ = ignore;
}

void FakeFileSystem::restart(std::mt19937_64& random) {
    const std::lock_guard lock(mutex_);
    auto names = random() % 2 == 0 ? names_ : durable_names_;
    for (const auto& [name, node] : durable_names_) {
        if (!names.contains(name) && random() % 2 == 0) names.emplace(name, node);
    }
    names_ = durable_names_ = std::move(names);
    for (const auto& [path, node] : names_) node->restart(random);
    locks_.clear();
    fail_at_ = cut_at_ = 0;
}

std::string FakeFileSystem::contents(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return names_.at(path)->seen;
}

void FakeFileSystem::set_contents(const std::string& path, std::string bytes) {
    const std::lock_guard lock(mutex_);
    auto& named = names_[path];
    if (!named) durable_names_[path] = named = std::make_shared<Node>();
    Node& node = *named;
    node.seen = node.durable = std::move(bytes);
    node.unsynced.clear();
}

std::vector<std::string> FakeFileSystem::paths() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [path, node] : names_) out.push_back(path);
    return out;
}

}  // namespace outstation::store
