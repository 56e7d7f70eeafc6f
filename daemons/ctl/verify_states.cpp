// SPDX-License-Identifier: GPL-3.0-or-later
// Verifying the database of states: on a copy elsewhere, because looking at a database with a log writes.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemons/ctl/backup_source.hpp"
#include "daemons/ctl/interrupt.hpp"
#include "daemons/ctl/new_file.hpp"
#include "daemons/ctl/verify.hpp"
#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::ctl {
namespace {

constexpr const char* kPart = "states";
constexpr const char* kFile = "state/state.db";

// Gone with everything in it. On a disk: /tmp may be memory, which is stored's.
class TemporaryFolder {
  public:
    [[nodiscard]] static Result<std::unique_ptr<TemporaryFolder>> make() {
        const char* parent = std::getenv("TMPDIR");
        std::string path = std::string(parent == nullptr || *parent == '\0' ? "/var/tmp" : parent);
        path += "/outstation-verify-XXXXXX";
        if (mkdtemp(path.data()) == nullptr) return fail_errno(path, errno);
        return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(path));
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

Result<void> copy_states(const std::string& from, const std::string& to) {
    std::ofstream database(to, std::ios::binary);
    std::ofstream log;
    const auto into = [](std::ofstream& out) {
        return [&out](std::string_view bytes) -> Result<void> {
            if (const auto ok = go_on(); !ok) return ok;
            out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
            return out.flush() ? Result<void>()
                               : fail(ErrorCode::exhausted, "the copy of state.db cannot be written");
        };
    };
    PairSink sink;
    sink.database = into(database);
    sink.log = into(log);
    sink.begin_log = [&]() -> Result<void> {
        log = std::ofstream(to + "-wal", std::ios::binary);
        return {};
    };
    sink.again = [&](bool) -> Result<void> {
        database = std::ofstream(to, std::ios::binary);
        std::error_code ignored;
        std::filesystem::remove(to + "-wal", ignored);
        return {};
    };
    sink.done = [](bool) { return Result<void>(); };
    return copy_database(from, sink);
}

void add(VerifyReport& report, std::string what) {
    report.add(kPart, {kFile, "", 0, 0, 0, 0, std::move(what)});
}

// Only what a database says that is not ours, or not whole, is damage.
bool is_damage(const Error& error) {
    return error.code == ErrorCode::malformed || error.code == ErrorCode::bug ||
           error.code == ErrorCode::exhausted;
}

Result<void> check_integrity(const store::Database& database, VerifyReport& report) {
    auto check = store::Statement::prepare(database, "PRAGMA integrity_check(20)");
    if (!check) return fail(check.error());
    for (;;) {
        const auto row = check->step();
        if (!row) return fail(row.error());
        if (!*row) break;
        if (check->text(0) != "ok") add(report, std::string(check->text(0)));
        if (const auto ok = go_on(); !ok) return ok;
    }
    auto count = store::Statement::prepare(database, "SELECT count(*) FROM fact");
    if (!count && report.part(kPart).damaged == 0)
        return report.pass_over(kPart, kFile, "it is whole, and of another format"), Result<void>();
    if (!count) return {};
    const auto row = count->step();
    if (!row) return fail(row.error());
    report.part(kPart).records += static_cast<std::uint64_t>(count->integer(0));
    return {};
}

void check_pages(const std::string& path, VerifyReport& report) {
    std::ifstream in(path, std::ios::binary);
    std::string page(store::kPageOctets, '\0');
    for (std::uint64_t number = 0; in.read(page.data(), static_cast<std::streamsize>(page.size()));
         ++number) {
        if (!store::page_is_whole(page, number))
            add(report, "page " + std::to_string(number) + " is damaged");
    }
}

Result<void> check_copy(const std::string& path, VerifyReport& report) {
    const auto files = store::make_real_file_system();
    const auto vfs = store::Vfs::make(*files);
    if (!vfs) return fail(vfs.error());
    store::DatabaseOptions options;
    options.access = store::Access::write;
    options.durability = store::Durability::wal;
    options.page_checksums = true;
    auto database = store::Database::open(**vfs, path, options);
    if (!database) return fail(database.error());
    if (const auto ok = check_integrity(*database, report); !ok) return ok;
    // Puts the log into the database.
    if (const auto ok = database->close(); !ok) return ok;
    check_pages(path, report);
    return {};
}

}  // namespace

Result<void> verify_states(const std::string& directory, VerifyReport& report) {
    const std::string path = directory + "/state.db";
    if (access((path + ".aside").c_str(), F_OK) == 0)
        report.add(kPart, {std::string(kFile) + ".aside", "", 0, 0, 0, 0, kSetAside});
    const Interruptible signals;
    const auto folder = TemporaryFolder::make();
    if (!folder) return fail(folder.error());
    const std::string copy = (*folder)->path() + "/state.db";
    const auto copied = copy_states(path, copy);
    if (!copied && copied.error().code == ErrorCode::not_found) return {};  // none was made yet
    if (!copied && copied.error().code != ErrorCode::io) return copied;
    ++report.part(kPart).files;
    if (!copied) return add(report, copied.error().text), Result<void>();
    auto checked = check_copy(copy, report);
    if (checked || !is_damage(checked.error())) return checked;
    std::string what = checked.error().text;
    if (const auto at = what.find(copy); at != std::string::npos) what.erase(at, copy.size() + 2);
    add(report, std::move(what));
    return {};
}

}  // namespace outstation::ctl
