// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside the store in its table: rows in SQLite, and values as they are.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "lib/event/unique_fd.hpp"
#include "tests/bench/store/meters.hpp"

namespace outstation::bench {
namespace {

constexpr std::size_t kCycles = 5;

// Gives `commit` the batches of each flush of some cycles.
Other measure(std::size_t devices, std::size_t flushes, const std::function<void(const Batches&)>& commit) {
    Room room(devices);
    Other out;
    std::vector<double> commits_ms;
    for (std::size_t cycle = 0; cycle < kCycles; ++cycle) {
        for (std::size_t flush = 0; flush < flushes; ++flush) {
            const Batches batches = room.batches(cycle, flush, flushes);
            out.samples += static_cast<double>(values_of(batches));
            const double before = cpu_us();
            commits_ms.push_back(ms_of([&] { commit(batches); }));
            out.cpu_us += cpu_us() - before;
        }
    }
    out.cpu_us /= out.samples;
    out.p99_ms = p99_of(std::move(commits_ms));
    return out;
}

class Rows {
  public:
    explicit Rows(const std::string& path) {
        if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) std::abort();
        run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE sample(series INTEGER, ns INTEGER, value, PRIMARY KEY(series, ns)) WITHOUT ROWID");
        if (sqlite3_prepare_v2(database_, "INSERT INTO sample VALUES(?,?,?)", -1, &insert_, nullptr) !=
            SQLITE_OK)
            std::abort();
    }
    ~Rows() {
        sqlite3_finalize(insert_);
        sqlite3_close(database_);
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    void commit(const Batches& batches) {
        run("BEGIN");
        for (const auto& batch : batches) {
            for (const wire::SampleRecord& record : batch) insert(record);
        }
        run("COMMIT");
    }

  private:
    void run(const char* sql) {
        if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
    }
    void insert(const wire::SampleRecord& record) {
        for (std::size_t i = 0; i < record.counters.size(); ++i) {
            sqlite3_bind_int64(insert_, 3, static_cast<std::int64_t>(record.counters[i]));
            insert(record.counter_series[i], record.stamp.wall_ns);
        }
        for (std::size_t i = 0; i < record.gauges.size(); ++i) {
            sqlite3_bind_double(insert_, 3, record.gauges[i]);
            insert(record.gauge_series[i], record.stamp.wall_ns);
        }
    }
    void insert(std::uint32_t series, std::int64_t wall_ns) {
        sqlite3_bind_int64(insert_, 1, series);
        sqlite3_bind_int64(insert_, 2, wall_ns);
        if (sqlite3_step(insert_) != SQLITE_DONE) std::abort();
        sqlite3_reset(insert_);
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

template <typename Value>
void put(std::string& out, const Value& value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Other measure_rows(const std::string& directory, std::size_t devices, std::size_t flushes) {
    const std::string path = directory + "/rows.db";
    Other out;
    {
        Rows rows(path);
        out = measure(devices, flushes, [&](const Batches& batches) { rows.commit(batches); });
    }
    out.octets = static_cast<double>(std::filesystem::file_size(path)) / out.samples;
    std::filesystem::remove(path);
    return out;
}

Other measure_plain(const std::string& directory, std::size_t devices, std::size_t flushes) {
    const std::string path = directory + "/plain";
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    std::string bytes;
    Other out = measure(devices, flushes, [&](const Batches& batches) {
        bytes.clear();
        for (const auto& batch : batches) {
            for (const wire::SampleRecord& record : batch) {
                for (const std::uint32_t id : record.counter_series) put(bytes, id);
                for (const std::uint64_t value : record.counters) put(bytes, value);
                for (const std::uint32_t id : record.gauge_series) put(bytes, id);
                for (const double value : record.gauges) put(bytes, value);
            }
        }
        if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
            fdatasync(file.get()) != 0)
            std::abort();
    });
    out.octets = static_cast<double>(std::filesystem::file_size(path)) / out.samples;
    std::filesystem::remove(path);
    return out;
}

}  // namespace outstation::bench
