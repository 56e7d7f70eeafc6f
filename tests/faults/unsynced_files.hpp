// SPDX-License-Identifier: GPL-3.0-or-later
// Real files whose syncs do nothing: what a broken store would do when power goes, and all that a process
// needs that ends alone (its writes are the system's already). Threads: as FileSystem.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/store/journal/file_system.hpp"

namespace outstation::faults {

class UnsyncedFiles : public store::FileSystem {
  public:
    // Called before everything that changes something, and once more in the middle of each write.
    std::function<void()> before = [] {};

    Result<std::unique_ptr<store::File>> open(const std::string& path, Mode mode) override {
        if (mode == Mode::create) before();
        auto file = real_->open(path, mode);
        if (!file) return file;
        return std::make_unique<Unsynced>(*this, std::move(*file));
    }
    Result<std::vector<std::string>> list(const std::string& path) override { return real_->list(path); }
    Result<void> make_directory(const std::string& path) override { return real_->make_directory(path); }
    Result<void> rename(const std::string& from, const std::string& to) override {
        before();
        return real_->rename(from, to);
    }
    Result<void> remove(const std::string& path) override {
        before();
        return real_->remove(path);
    }
    Result<void> sync_directory(const std::string&) override {
        before();
        return {};
    }
    Result<std::unique_ptr<store::FileLock>> lock(const std::string& path) override {
        return real_->lock(path);
    }

  private:
    class Unsynced : public store::File {
      public:
        Unsynced(UnsyncedFiles& owner, std::unique_ptr<store::File> real)
            : owner_(owner), real_(std::move(real)) {}
        Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
            return real_->read(offset, octets);
        }
        Result<void> write(std::uint64_t offset, std::string_view bytes) override {
            owner_.before();
            const std::size_t half = bytes.size() / 2;
            if (const auto ok = real_->write(offset, bytes.substr(0, half)); !ok) return ok;
            owner_.before();
            return real_->write(offset + half, bytes.substr(half));
        }
        Result<void> sync() override {
            owner_.before();
            return {};
        }
        Result<void> reserve(std::uint64_t octets) override { return real_->reserve(octets); }
        Result<std::uint64_t> size() const override { return real_->size(); }

      private:
        UnsyncedFiles& owner_;
        std::unique_ptr<store::File> real_;
    };
    std::unique_ptr<store::FileSystem> real_ = store::make_real_file_system();
};

}  // namespace outstation::faults
