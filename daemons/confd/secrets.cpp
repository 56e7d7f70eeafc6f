// SPDX-License-Identifier: GPL-3.0-or-later
// Files of the secrets directory.
#include "daemons/confd/secrets.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "daemons/confd/key_file.hpp"
#include "daemons/confd/station_file.hpp"
#include "lib/crypto/bytes.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/crypto/wiped_file.hpp"
#include "lib/runtime/process.hpp"

namespace outstation::confd {
namespace {

constexpr std::string_view kSealedSuffix = ".sealed";
constexpr std::string_view kHalfSuffix = ".sealed.new";
constexpr std::size_t kLeastSealedBytes = 8;
constexpr std::size_t kMostFileBytes = 2 * kMaxSecretBytes;

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

bool exists(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

Result<void> check_value(std::string_view value) {
    if (value.empty() || value.size() > kMaxSecretBytes)
        return fail(ErrorCode::malformed, "secret: expected 1 to 4096 bytes");
    return {};
}

}  // namespace

// The key in force, and while it is being changed the next one too. Overwritten when they go.
class Secrets::Keys {
  public:
    explicit Keys(std::string current) : current_(std::move(current)) {}
    Keys(Keys&&) = default;
    Keys& operator=(Keys&&) = default;
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
    ~Keys() {
        crypto::wipe(current_);
        crypto::wipe(next_);
    }
    void set_next(std::string next) { next_ = std::move(next); }
    [[nodiscard]] bool is_changing() const { return !next_.empty(); }
    [[nodiscard]] const std::string& newest() const { return is_changing() ? next_ : current_; }
    // The one with this id; the key in force when neither has it, so that the failure names that one.
    [[nodiscard]] const std::string& with_id(const std::string& id) const {
        return is_changing() && crypto::seal_key_id(next_) == id ? next_ : current_;
    }

  private:
    std::string current_;
    std::string next_;
};

std::string Secrets::sealed_path(const std::string& name) const {
    return directory_ + "/" + name + std::string(kSealedSuffix);
}

Result<Secrets::Files> Secrets::list() const {
    Files files;
    std::error_code error;
    if (!std::filesystem::exists(directory_, error)) return files;
    std::filesystem::directory_iterator it(directory_, error);
    for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
        const std::string name = it->path().filename();
        if (!std::filesystem::is_regular_file(it->symlink_status(error))) {
            if (is_word(name)) files.plain.push_back(name);  // what is wrong with it is told when it is read
            continue;
        }
        const auto bytes = crypto::read_small_file(it->path(), kMostFileBytes);
        const bool sealed = bytes && crypto::is_sealed(*bytes);
        // What is called sealed is never taken for a plain secret: it may be all that is left of one.
        const bool half =
            ends_with(name, kHalfSuffix) && bytes && (sealed || bytes->size() < kLeastSealedBytes);
        if (half || ends_with(name, crypto::kWipeSuffix)) {
            files.going.push_back(it->path());
        } else if (ends_with(name, kSealedSuffix)) {
            files.sealed.push_back(name.substr(0, name.size() - kSealedSuffix.size()));
            if (bytes && !sealed)
                files.damaged.push_back(
                    {ErrorCode::malformed, it->path().string() + ": not a sealed secret"});
        } else if (is_word(name)) {
            files.plain.push_back(name);
        }
    }
    if (error) return fail_errno(directory_, error.value());
    std::sort(files.sealed.begin(), files.sealed.end());
    std::sort(files.plain.begin(), files.plain.end());
    return files;
}

Result<Secrets::Keys> Secrets::keys() const {
    auto current = read_key(key_path_);
    if (!current) return fail(current.error());
    Keys keys(std::move(*current));
    if (!exists(next_key_path())) return keys;
    auto next = read_key(next_key_path());
    if (!next) return fail(next.error());
    keys.set_next(std::move(*next));
    return keys;
}

Result<Secrets::Keys> Secrets::keys_or_new(const Files& files, bool& made) const {
    auto known = keys();
    if (known || known.error().code != ErrorCode::not_found || exists(key_path_)) return known;
    if (!files.sealed.empty())
        return fail(ErrorCode::not_found, key_path_ + " is missing, and " +
                                              std::to_string(files.sealed.size()) +
                                              " secrets are sealed with it: put it back, or remove " +
                                              directory_ + "/*.sealed and set them again");
    auto key = make_key(key_path_);
    if (!key) return fail(key.error());
    made = true;
    return Keys(std::move(*key));
}

Result<Secrets::Prepared> Secrets::prepare() {
    if (const auto made = runtime::make_directories(directory_, 0700); !made) return fail(made.error());
    const auto files = list();
    if (!files) return fail(files.error());
    Prepared prepared;
    prepared.left = files->damaged;
    const auto keys = keys_or_new(*files, prepared.made_key);
    if (!keys) return fail(keys.error());
    if (const auto fits = check_key(files->sealed, *keys); !fits) return fail(fits.error());
    for (const std::string& path : files->going) {
        const bool half = !ends_with(path, crypto::kWipeSuffix);
        const auto gone = half ? crypto::remove_private_file(path) : crypto::finish_wipe(path);
        if (!gone) prepared.left.push_back(gone.error());
    }
    const std::string old_key = key_path_ + std::string(crypto::kWipeSuffix);
    prepared.is_rekeying = keys->is_changing();
    if (!prepared.is_rekeying && exists(old_key)) {
        if (const auto gone = wipe_old_key(); !gone) prepared.left.push_back(gone.error());
    }
    for (const std::string& name : files->plain) {
        const auto adopted = adopt(name, *keys);
        prepared.sealed += adopted ? 1 : 0;
        if (!adopted) prepared.left.push_back(adopted.error());
    }
    return prepared;
}

// One key for all: with another one nothing is written.
Result<void> Secrets::check_key(const std::vector<std::string>& names, const Keys& keys) const {
    for (const std::string& name : names) {
        const auto bytes = crypto::read_small_file(sealed_path(name), kMostFileBytes);
        const auto id = bytes ? crypto::key_id_of_sealed(*bytes) : fail(bytes.error());
        if (id && crypto::seal_key_id(keys.with_id(*id)) != *id)
            return fail(ErrorCode::refused, sealed_path(name) + ": sealed with key " + *id + ", and " +
                                                key_path_ + " is key " +
                                                crypto::seal_key_id(keys.with_id(*id)));
    }
    return {};
}

Result<std::string> Secrets::open(const std::string& name, const Keys& keys) const {
    const std::string path = sealed_path(name);
    if (const auto is_private = check_private(path); !is_private) return fail(is_private.error());
    const auto bytes = crypto::read_small_file(path, kMostFileBytes);
    if (!bytes) return fail(bytes.error());
    auto value =
        crypto::open_sealed(*bytes, keys.with_id(crypto::key_id_of_sealed(*bytes).value_or("")), name);
    if (value) return value;
    const bool other_key = value.error().code == ErrorCode::refused;
    return fail(
        Error{value.error().code, value.error().text + (other_key ? " (" + key_path_ + ")" : "")}.in(path));
}

Result<void> Secrets::write(const std::string& name, std::string_view value, const Keys& keys) const {
    const auto sealed = crypto::seal(value, keys.newest(), name, suite_);
    if (!sealed) return fail(sealed.error());
    return crypto::write_private_file(sealed_path(name), *sealed);
}

Result<void> Secrets::adopt(const std::string& name, const Keys& keys) const {
    const std::string path = plain_path(name);
    if (const auto is_private = check_private(path); !is_private) return is_private;
    auto value = crypto::read_small_file(path, kMostFileBytes);
    if (!value) return fail(value.error());
    if (!value->empty() && value->back() == '\n') value->pop_back();
    const auto fits = check_value(*value);
    const auto written = fits ? write(name, *value, keys) : fits;
    crypto::wipe(*value);
    if (!written) return fail(written.error().in(path));
    return crypto::wipe_file(path);
}

Result<void> Secrets::adopt_one(const std::string& name, const Keys& keys) const {
    auto files = list();
    if (!files) return fail(files.error());
    std::erase(files->sealed, name);
    if (const auto fits = check_key(files->sealed, keys); !fits) return fits;
    return adopt(name, keys);
}

Result<std::string> Secrets::get(const std::string& name) const {
    if (!is_word(name)) return fail(ErrorCode::malformed, "not a name of a secret");
    if (!exists(plain_path(name)) && !exists(sealed_path(name)))
        return fail(ErrorCode::not_found, "secret " + name + ": not set (" + sealed_path(name) + ")");
    const auto known = keys();
    if (!known) return fail(known.error().in("secret " + name));
    if (exists(plain_path(name)) && !ends_with(name, kSealedSuffix)) {
        if (const auto adopted = adopt_one(name, *known); !adopted)
            return fail(adopted.error().in("secret " + name));
    }
    auto value = open(name, *known);
    if (!value) return fail(value.error().in("secret " + name));
    return value;
}

Result<void> Secrets::put(const std::string& name, std::string_view value) {
    if (!is_word(name))
        return fail(ErrorCode::malformed,
                    "name of a secret: expected letters, digits, '.', '_' or '-', at most 64");
    if (const auto fits = check_value(value); !fits) return fits;
    if (const auto made = runtime::make_directories(directory_, 0700); !made) return made;
    const auto files = list();
    if (!files) return fail(files.error());
    bool made = false;
    const auto known = keys_or_new(*files, made);
    if (!known) return fail(known.error());
    auto others = files->sealed;
    std::erase(others, name);
    if (const auto fits = check_key(others, *known); !fits) return fits;
    if (const auto written = write(name, value, *known); !written) return written;
    const bool was_plain = std::find(files->plain.begin(), files->plain.end(), name) != files->plain.end();
    return was_plain ? crypto::wipe_file(plain_path(name)) : Result<void>{};
}

Result<std::vector<std::string>> Secrets::begin_rekey() {
    const auto prepared = prepare();
    if (!prepared) return fail(prepared.error());
    auto files = list();
    if (!files) return fail(files.error());
    if (prepared->is_rekeying) return std::move(files->sealed);
    const auto known = keys();
    if (!known) return fail(known.error());
    for (const std::string& name : files->sealed) {
        auto opened = open(name, *known);
        if (!opened) return fail(opened.error());
        crypto::wipe(*opened);
    }
    auto next = make_key(next_key_path());
    if (!next) return fail(next.error());
    crypto::wipe(*next);
    return std::move(files->sealed);
}

Result<void> Secrets::reseal(const std::string& name) const {
    const auto known = keys();
    if (!known) return fail(known.error());
    return known->is_changing() ? reseal(name, *known) : Result<void>();
}

// What is sealed with the next key already was done before an interruption, or was written since.
Result<void> Secrets::reseal(const std::string& name, const Keys& keys) const {
    const auto bytes = crypto::read_small_file(sealed_path(name), kMostFileBytes);
    if (!bytes && bytes.error().code == ErrorCode::not_found) return {};  // removed meanwhile
    if (!bytes) return fail(bytes.error());
    if (crypto::key_id_of_sealed(*bytes).value_or("") == crypto::seal_key_id(keys.newest())) return {};
    auto value = open(name, keys);
    if (!value) return fail(value.error());
    const auto written = write(name, *value, keys);
    crypto::wipe(*value);
    return written;
}

Result<void> Secrets::end_rekey() const {
    const auto known = keys();
    if (!known) return fail(known.error());
    if (!known->is_changing()) return {};
    const auto files = list();
    if (!files) return fail(files.error());
    for (const std::string& name : files->sealed) {
        if (const auto done = reseal(name, *known); !done) return done;
    }
    const std::string old = key_path_ + std::string(crypto::kWipeSuffix);
    if (::link(key_path_.c_str(), old.c_str()) != 0 && errno != EEXIST)
        return fail_errno("link " + old, errno);
    if (std::rename(next_key_path().c_str(), key_path_.c_str()) != 0)
        return fail_errno("rename " + next_key_path(), errno);
    if (const auto flushed = crypto::flush_folder_of(key_path_); !flushed) return flushed;
    return wipe_old_key();
}

// Unless it is another name of the key in force, as after a change that was given up.
Result<void> Secrets::wipe_old_key() const {
    const std::string old = key_path_ + std::string(crypto::kWipeSuffix);
    std::error_code error;
    const bool is_in_force = std::filesystem::equivalent(old, key_path_, error);
    return is_in_force ? crypto::remove_private_file(old) : crypto::finish_wipe(old);
}

}  // namespace outstation::confd
