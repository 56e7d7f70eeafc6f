// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time, memory, files and pages.
#include "tests/bench/store/meters.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

namespace outstation::bench {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

class CountingFiles::Counted : public store::File {
  public:
    Counted(std::unique_ptr<store::File> real, CountingFiles& files)
        : real_(std::move(real)), files_(files) {}
    Result<std::string> read(std::uint64_t offset, std::size_t octets) const override {
        return real_->read(offset, octets);
    }
    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        for (std::uint64_t page = offset / kPage; page * kPage < offset + bytes.size(); ++page)
            dirty_.insert(page);
        return real_->write(offset, bytes);
    }
    Result<void> sync() override {
        files_.octets_ += dirty_.size() * kPage;
        dirty_.clear();
        return files_.real_syncs_ ? real_->sync() : Result<void>();
    }
    Result<std::uint64_t> size() const override { return real_->size(); }

  private:
    std::unique_ptr<store::File> real_;
    CountingFiles& files_;
    std::set<std::uint64_t> dirty_;
};

Result<std::unique_ptr<store::File>> CountingFiles::open(const std::string& path, Mode mode) {
    auto file = real_->open(path, mode);
    if (!file) return file;
    return std::make_unique<Counted>(std::move(*file), *this);
}

double cpu_us() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

double rss_mb() {
    std::ifstream in("/proc/self/status");
    for (std::string word; in >> word;) {
        double kib = 0;
        if (word == "VmRSS:" && in >> kib) return kib / 1024;
    }
    return 0;
}

double ms_of(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double p99_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() * 99 / 100];
}

double middle_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double octets_of_files(const std::string& directory, std::string_view part) {
    double sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos)
            sum += static_cast<double>(entry.file_size());
    }
    return sum;
}

}  // namespace outstation::bench
