// SPDX-License-Identifier: GPL-3.0-or-later
// Process attributes by system calls.
#include "lib/runtime/process.hpp"

#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace outstation::runtime {

Result<void> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        const bool last = slash == std::string::npos;
        if (mkdir(part.c_str(), last ? mode : 0755) != 0 && errno != EEXIST)
            return fail_errno("make directory " + part, errno);
        if (last) return {};
    }
}

Result<void> must_be_restored(const std::string& station_dir) {
    const std::string half = std::filesystem::path(station_dir) / kHalfRestored;
    if (access(half.c_str(), F_OK) != 0) return {};
    return fail(ErrorCode::config,
                half + ": a restore was cut short: 'outstation restore' once more finishes it");
}

void harden_process() {
    umask(0077);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

std::vector<uid_t> uids_of(const std::vector<std::string>& names) {
    std::vector<uid_t> out;
    for (const std::string& name : names) {
        if (const passwd* user = getpwnam(name.c_str())) out.push_back(user->pw_uid);
    }
    return out;
}

std::uint64_t own_rss_bytes() {
    std::uint64_t pages = 0;
    std::ifstream in("/proc/self/statm");
    in >> pages >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace outstation::runtime
