// SPDX-License-Identifier: GPL-3.0-or-later
// Files of the secrets directory.
#include "daemons/confd/secrets.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "daemons/confd/station_file.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::confd {

Result<std::string> Secrets::get(const std::string& name) const {
    if (!is_word(name)) return fail(ErrorCode::malformed, "not a name of a secret");
    const std::string path = path_of(name);
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return fail_errno("secret " + name, errno);
    if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0) {
        return fail(ErrorCode::refused,
                    "secret " + name + ": others than its owner may read the file (expected mode 0600)");
    }
    auto value = crypto::read_small_file(path, kMaxSecretBytes);
    if (!value) return fail(value.error().in("secret " + name));
    if (!value->empty() && value->back() == '\n') value->pop_back();
    return value;
}

Result<void> Secrets::put(const std::string& name, std::string_view value) const {
    if (!is_word(name))
        return fail(ErrorCode::malformed,
                    "name of a secret: expected letters, digits, '.', '_' or '-', at most 64");
    if (value.empty() || value.size() > kMaxSecretBytes)
        return fail(ErrorCode::malformed, "secret: expected 1 to 4096 bytes");
    if (const auto made = runtime::make_directories(directory_, 0700); !made) return made;
    return crypto::write_private_file(path_of(name), value);
}

}  // namespace outstation::confd
