// SPDX-License-Identifier: GPL-3.0-or-later
// The command `backup`.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/backup_commands.hpp"
#include "daemons/ctl/backup_source.hpp"
#include "daemons/ctl/interrupt.hpp"
#include "daemons/ctl/new_file.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/crypto/bytes.hpp"
#include "lib/runtime/log.hpp"

namespace outstation::ctl {
namespace {

constexpr std::size_t kShortestPassphrase = 12;

struct Written {
    std::size_t files = 0;
    std::uint64_t bytes = 0;         // of the station
    std::uint64_t sealed_bytes = 0;  // of the backup
    LeftOut left_out;
};

Result<void> write_stream(const std::string& state_dir, crypto::SealedStreamWriter& sealer, NewFile& file,
                          Written& written) {
    std::string sealed;
    const auto pass_on = [&]() -> Result<void> {
        written.sealed_bytes += sealed.size();
        auto ok = file.write(sealed);
        sealed.clear();
        return ok;
    };
    ArchiveWriter archive([&](std::string_view plain) -> Result<void> {
        if (const auto ok = go_on(); !ok) return ok;
        if (const auto ok = sealer.write(plain, sealed); !ok) return ok;
        return pass_on();
    });
    if (const auto ok = archive.begin(now_ns()); !ok) return ok;
    if (const auto ok = archive_station(state_dir, archive, written.left_out); !ok) return ok;
    if (const auto ok = sealer.finish(sealed); !ok) return ok;
    written.files = archive.files().size();
    for (const ArchivedFile& each : archive.files()) written.bytes += each.bytes;
    return pass_on();
}

Result<Written> write_backup(const Target& target, const BackupOptions& options) {
    const auto passphrase = read_passphrase(options.passphrase_file);
    if (!passphrase) return fail(passphrase.error());
    if (passphrase->view().size() < kShortestPassphrase)
        return fail(
            ErrorCode::config,
            options.passphrase_file +
                ": a passphrase has at least 12 characters: who has the file may try as many as he likes");
    auto sealer = crypto::SealedStreamWriter::make(passphrase->view(), options.cost);
    if (!sealer) return fail(sealer.error());
    auto file = NewFile::make(options.file);
    if (!file) return fail(file.error());
    Written written;
    if (const auto ok = write_stream(target.state_dir, *sealer, *file, written); !ok) return fail(ok.error());
    if (const auto ok = file->commit(); !ok) return fail(ok.error());
    return written;
}

std::vector<std::string> tell(const LeftOut& left_out) {
    for (const std::string& path : left_out.no_files)
        std::cerr << "outstation: left out, neither a file nor a directory: " << runtime::printable(path)
                  << "\n";
    std::vector<std::string> unreadable;
    for (const Error& error : left_out.unreadable) {
        std::cerr << "outstation: not in the backup, the disk does not give it: "
                  << runtime::printable(error.text) << "\n";
        unreadable.push_back(error.text);
    }
    return unreadable;
}

}  // namespace

int back_up(const Target& target, const BackupOptions& options) {
    const bool to_output = options.file == "-";
    if (to_output && isatty(STDOUT_FILENO) == 1)
        return failed(target, Error{ErrorCode::config, "a backup is not for a terminal: name a file"});
    const Interruptible signals;
    const auto written = write_backup(target, options);
    if (!written) return failed(target, written.error());
    const auto unreadable = tell(written->left_out);
    std::ostream& out = to_output ? std::cerr : std::cout;
    if (target.json) {
        out << nlohmann::json{{"directory", target.state_dir},
                              {"files", written->files},
                              {"bytes", written->bytes},
                              {"backup_bytes", written->sealed_bytes},
                              {"left_out", written->left_out.no_files},
                              {"unreadable", unreadable}}
                   .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
            << "\n";
    } else {
        out << fmt::format("{} files, {}, of {} backed up in {}\n", written->files,
                           short_bytes(static_cast<double>(written->bytes)), target.state_dir,
                           short_bytes(static_cast<double>(written->sealed_bytes)));
    }
    return unreadable.empty() ? kDone : kFailed;
}

}  // namespace outstation::ctl
