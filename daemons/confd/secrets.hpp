// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets by name, each sealed in a file of its own and bound to its name (docs/formats/secrets.md). Each
// change is on disk before the call returns, whole or not at all. Values are never logged; the key is in
// memory only while it is used, and overwritten then. Threads: one; blocks on the disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/crypto/sealed_box.hpp"
#include "lib/model/result.hpp"

namespace outstation::confd {

inline constexpr std::size_t kMaxSecretBytes = 4096;

class Secrets {
  public:
    // secrets.key and secrets/ lie in the directory.
    explicit Secrets(std::string state_dir)
        : directory_(state_dir + "/secrets"), key_path_(std::move(state_dir) + "/secrets.key") {}
    // What is written from now on; all suites are read.
    void use(crypto::SealSuite suite) { suite_ = suite; }

    struct Prepared {
        bool made_key = false;
        std::size_t sealed = 0;    // plain files that were sealed now
        std::vector<Error> left;   // plain files that could not be, and sealed ones that are damaged, and why
        bool is_rekeying = false;  // a change of the key was interrupted: begin_rekey() goes on with it
    };
    // At the start: removes what a power cut left, makes the key when nothing is sealed yet, and seals plain
    // files. Fails when there are sealed secrets and the key is missing, damaged or another: nothing is
    // changed then.
    [[nodiscard]] Result<Prepared> prepare();

    // A plain file of that name is sealed first; one line end at its end is not part of it. Fails with
    // not_found, refused (others may read the file, another key), malformed (changed), io; the text names the
    // file.
    [[nodiscard]] Result<std::string> get(const std::string& name) const;
    // Fails with malformed (name or value), or as get() does when the key is not the one of all the others.
    [[nodiscard]] Result<void> put(const std::string& name, std::string_view value);
    // A new key in three acts, so that the caller can answer others between: everything else may be called
    // meanwhile, and each state in between is one that a power cut may leave. begin_rekey() makes the next
    // key, or finds the one of a change that was interrupted, and gives the names to be sealed with it; when
    // one does not open, nothing is changed. reseal() does one of them. end_rekey() does what is left, and
    // makes the next key the one in force.
    [[nodiscard]] Result<std::vector<std::string>> begin_rekey();
    [[nodiscard]] Result<void> reseal(const std::string& name) const;
    [[nodiscard]] Result<void> end_rekey() const;

  private:
    class Keys;
    struct Files {
        std::vector<std::string> sealed;  // names of secrets
        std::vector<Error> damaged;       // those of them that are not what they are called
        std::vector<std::string> plain;
        std::vector<std::string> going;  // paths
    };
    [[nodiscard]] std::string plain_path(const std::string& name) const { return directory_ + "/" + name; }
    [[nodiscard]] std::string sealed_path(const std::string& name) const;
    [[nodiscard]] std::string next_key_path() const { return key_path_ + ".next"; }
    [[nodiscard]] Result<Files> list() const;
    [[nodiscard]] Result<Keys> keys() const;
    [[nodiscard]] Result<Keys> keys_or_new(const Files& files, bool& made) const;
    [[nodiscard]] Result<std::string> open(const std::string& name, const Keys& keys) const;
    [[nodiscard]] Result<void> write(const std::string& name, std::string_view value, const Keys& keys) const;
    [[nodiscard]] Result<void> adopt(const std::string& name, const Keys& keys) const;
    [[nodiscard]] Result<void> check_key(const std::vector<std::string>& names, const Keys& keys) const;
    [[nodiscard]] Result<void> wipe_old_key() const;
    [[nodiscard]] Result<void> adopt_one(const std::string& name, const Keys& keys) const;
    [[nodiscard]] Result<void> reseal(const std::string& name, const Keys& keys) const;

    std::string directory_;
    std::string key_path_;
    crypto::SealSuite suite_ = crypto::SealSuite::aes_256_gcm;
};

}  // namespace outstation::confd
