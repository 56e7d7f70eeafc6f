// SPDX-License-Identifier: GPL-3.0-or-later
// Failing and watching single files.
#include "lib/store/history/watched_files.hpp"

#include <algorithm>

namespace outstation::store {

class WatchedFiles::WatchedFile : public File {
  public:
    WatchedFile(WatchedFiles& owner, std::unique_ptr<File> file, std::string path)
        : owner_(owner), file_(std::move(file)), path_(std::move(path)) {
        owner_.open_[this] = path_;
    }
    WatchedFile(const WatchedFile&) = delete;
    WatchedFile& operator=(const WatchedFile&) = delete;
    ~WatchedFile() override { owner_.open_.erase(this); }

    Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
        if (!owner_.unreadable_.empty() && path_.find(owner_.unreadable_) != std::string::npos)
            return fail(ErrorCode::io, path_ + ": injected failure");
        auto bytes = file_->read(offset, octets);
        if (bytes) owner_.octets_read_ += bytes->size();
        return bytes;
    }
    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        return file_->write(offset, bytes);
    }
    Result<void> sync() override { return file_->sync(); }
    Result<std::uint64_t> size() const override { return file_->size(); }

  private:
    WatchedFiles& owner_;
    std::unique_ptr<File> file_;
    std::string path_;
};

Result<std::unique_ptr<File>> WatchedFiles::open(const std::string& path, Mode mode) {
    auto file = FakeFileSystem::open(path, mode);
    if (!file) return file;
    return std::make_unique<WatchedFile>(*this, std::move(*file), path);
}

Result<void> WatchedFiles::rename(const std::string& from, const std::string& to) {
    auto ok = FakeFileSystem::rename(from, to);
    if (on_change_) on_change_();
    return ok;
}

Result<void> WatchedFiles::remove(const std::string& path) {
    if (fail_removes_) return fail(ErrorCode::io, path + ": injected failure");
    auto ok = FakeFileSystem::remove(path);
    for (auto& [file, name] : open_) {
        if (name == path) name.clear();
    }
    if (on_change_) on_change_();
    return ok;
}

std::size_t WatchedFiles::open_and_removed() const {
    return static_cast<std::size_t>(
        std::count_if(open_.begin(), open_.end(), [](const auto& entry) { return entry.second.empty(); }));
}

}  // namespace outstation::store
