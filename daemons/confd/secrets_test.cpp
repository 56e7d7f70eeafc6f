// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets on disk: sealed, moved from plain files, with a new key, and after a power cut anywhere between.
#include "daemons/confd/secrets.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "lib/crypto/private_file.hpp"

namespace outstation::confd {
namespace {

namespace fs = std::filesystem;
using Snapshot = std::map<std::string, std::string>;  // relative path to content

class SecretsTest : public testing::Test {
  protected:
    // The whole change of the key.
    static Result<std::size_t> rekey(Secrets& secrets) {
        const auto names = secrets.begin_rekey();
        if (!names) return fail(names.error());
        for (const std::string& name : *names) {
            if (const auto done = secrets.reseal(name); !done) return fail(done.error());
        }
        if (const auto done = secrets.end_rekey(); !done) return fail(done.error());
        return names->size();
    }
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        fs::create_directory(path("secrets"));
    }
    void TearDown() override { fs::remove_all(dir_); }

    std::string path(const std::string& name) const { return std::string(dir_) + "/" + name; }
    void write(const std::string& name, const std::string& bytes, mode_t mode = 0600) const {
        ASSERT_TRUE(crypto::write_private_file(path(name), bytes, mode));
    }
    [[nodiscard]] Snapshot snapshot() const {
        Snapshot files;
        for (const auto& entry : fs::recursive_directory_iterator(dir_)) {
            if (!entry.is_regular_file()) continue;
            files[fs::relative(entry.path(), dir_)] = crypto::read_small_file(entry.path()).value();
        }
        return files;
    }
    void restore(const Snapshot& files) const {
        fs::remove_all(path("secrets"));
        for (const auto& entry : fs::directory_iterator(dir_)) fs::remove(entry.path());
        fs::create_directory(path("secrets"));
        for (const auto& [name, bytes] : files) write(name, bytes);
    }
    [[nodiscard]] bool on_disk(const std::string& text) const {
        for (const auto& [name, bytes] : snapshot()) {
            if (bytes.find(text) != std::string::npos) return true;
        }
        return false;
    }
    [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(path(name)); }

    char dir_[32] = "/tmp/outstation-sec-XXXXXX";
};

TEST_F(SecretsTest, PutAndGetLeaveNothingPlainOnDisk) {
    for (const auto suite : {crypto::SealSuite::aes_256_gcm, crypto::SealSuite::sm4_ctr_hmac_sm3}) {
        Secrets secrets(dir_);
        secrets.use(suite);
        EXPECT_EQ(secrets.get("a").error().code, ErrorCode::not_found);
        ASSERT_TRUE(secrets.put("a", "canary-value\n"));
        EXPECT_EQ(secrets.get("a").value(), "canary-value\n");
        EXPECT_FALSE(on_disk("canary"));
        for (const char* name : {"secrets.key", "secrets/a.sealed"}) {
            struct stat info {};
            ASSERT_EQ(stat(path(name).c_str(), &info), 0);
            EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
        }
        fs::remove(path("secrets/a.sealed"));
    }
}

TEST_F(SecretsTest, NamesAndValuesAreChecked) {
    Secrets secrets(dir_);
    for (const char* name : {"", "../a", "a/b", ".hidden", "a b", "a~"}) {
        EXPECT_EQ(secrets.put(name, "x").error().code, ErrorCode::malformed) << name;
        EXPECT_EQ(secrets.get(name).error().code, ErrorCode::malformed) << name;
    }
    EXPECT_FALSE(secrets.put("a", ""));
    EXPECT_FALSE(secrets.put("a", std::string(kMaxSecretBytes + 1, 'x')));
    EXPECT_TRUE(secrets.put("a", std::string(kMaxSecretBytes, 'x')));
    EXPECT_EQ(secrets.get("a").value().size(), kMaxSecretBytes);
}

TEST_F(SecretsTest, NamesThatLookLikeOurFilesDoNotCollide) {
    Secrets secrets(dir_);
    const char* const names[] = {"a", "a.new", "a.sealed", "a.sealed.new", "a.sealed.sealed"};
    for (const char* name : names) ASSERT_TRUE(secrets.put(name, std::string("value of ") + name));
    ASSERT_TRUE(secrets.put("a", "changed"));
    ASSERT_TRUE(secrets.prepare());
    EXPECT_EQ(secrets.get("a").value(), "changed");
    for (const char* name : {"a.new", "a.sealed", "a.sealed.new", "a.sealed.sealed"})
        EXPECT_EQ(secrets.get(name).value(), std::string("value of ") + name);
}

TEST_F(SecretsTest, FilesThatOthersMayReadAreRefused) {
    Secrets secrets(dir_);
    ASSERT_TRUE(secrets.put("a", "x"));
    ASSERT_EQ(chmod(path("secrets/a.sealed").c_str(), 0644), 0);
    EXPECT_EQ(secrets.get("a").error().code, ErrorCode::refused);
    ASSERT_EQ(chmod(path("secrets/a.sealed").c_str(), 0600), 0);
    ASSERT_EQ(chmod(path("secrets.key").c_str(), 0640), 0);
    EXPECT_NE(secrets.get("a").error().text.find("secrets.key"), std::string::npos);
    ASSERT_EQ(chmod(path("secrets.key").c_str(), 0600), 0);
    write("secrets/b", "plain", 0644);
    EXPECT_EQ(secrets.get("b").error().code, ErrorCode::refused);
    const auto prepared = secrets.prepare();
    ASSERT_TRUE(prepared);
    ASSERT_EQ(prepared->left.size(), 1U);
    EXPECT_NE(prepared->left[0].text.find("secrets/b"), std::string::npos);
    EXPECT_TRUE(exists("secrets/b"));
}

TEST_F(SecretsTest, PlainFilesOfAnOlderVersionAreSealedAndGone) {
    write("secrets/room", "canary-one\n");
    write("secrets/other", "canary-two");
    Secrets secrets(dir_);
    const auto prepared = secrets.prepare();
    ASSERT_TRUE(prepared) << prepared.error().text;
    EXPECT_TRUE(prepared->made_key);
    EXPECT_EQ(prepared->sealed, 2U);
    EXPECT_TRUE(prepared->left.empty());
    EXPECT_FALSE(exists("secrets/room"));
    EXPECT_FALSE(on_disk("canary"));
    EXPECT_EQ(secrets.get("room").value(), "canary-one");
    EXPECT_EQ(secrets.get("other").value(), "canary-two");
    write("secrets/room", "laid there by hand");
    EXPECT_EQ(secrets.get("room").value(), "laid there by hand");
    EXPECT_FALSE(exists("secrets/room"));
}

TEST_F(SecretsTest, ThePlainFileIsOverwrittenAndNotOnlyRemoved) {
    write("secrets/room", "canary-one\n");
    fs::create_hard_link(path("secrets/room"), path("witness"));
    ASSERT_TRUE(Secrets(dir_).prepare());
    EXPECT_EQ(crypto::read_small_file(path("witness")).value(), std::string(11, '\0'));
}

TEST_F(SecretsTest, APowerCutWhileAPlainFileIsSealedLosesNothing) {
    write("secrets/room", "canary-one");
    const Snapshot before = snapshot();
    ASSERT_TRUE(Secrets(dir_).prepare());
    const Snapshot after = snapshot();
    const std::string sealed = after.at("secrets/room.sealed");
    std::vector<Snapshot> cuts(5, before);
    cuts[0]["secrets.key"] = after.at("secrets.key");
    cuts[1] = cuts[0];
    cuts[1]["secrets/room.sealed.new"] = sealed.substr(0, 20);
    cuts[2] = cuts[0];
    cuts[2]["secrets/room.sealed"] = sealed;
    cuts[3] = after;
    cuts[3]["secrets/room.~wipe"] = "canary-one";
    cuts[4] = after;
    cuts[4]["secrets/room.~wipe"] = std::string(10, '\0');
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        restore(cuts[i]);
        Secrets secrets(dir_);
        const auto prepared = secrets.prepare();
        ASSERT_TRUE(prepared) << i << ": " << prepared.error().text;
        EXPECT_EQ(secrets.get("room").value(), "canary-one") << i;
        EXPECT_EQ(snapshot().size(), 2U) << i;
        EXPECT_FALSE(on_disk("canary")) << i;
    }
}

TEST_F(SecretsTest, AMissingOrAnotherKeyChangesNothingAndIsNamed) {
    Secrets secrets(dir_);
    ASSERT_TRUE(secrets.put("room", "x"));
    ASSERT_TRUE(secrets.put("other", "y"));
    const Snapshot good = snapshot();
    const std::string key = good.at("secrets.key");
    fs::remove(path("secrets.key"));
    fs::remove_all(path("secrets"));
    ASSERT_TRUE(secrets.put("stranger", "z"));
    const std::string other_key = snapshot().at("secrets.key");
    for (const std::string& wrong : {std::string(), std::string("garbage\n"), key.substr(0, 30), other_key}) {
        Snapshot broken = good;
        broken["secrets.key"] = wrong;
        if (wrong.empty()) broken.erase("secrets.key");
        broken["secrets/plain"] = "not sealed yet";
        restore(broken);
        const Snapshot expected = snapshot();
        EXPECT_FALSE(secrets.get("room"));
        EXPECT_FALSE(secrets.get("plain"));
        EXPECT_FALSE(secrets.put("new", "v"));
        EXPECT_FALSE(rekey(secrets));
        const auto prepared = secrets.prepare();
        ASSERT_FALSE(prepared);
        EXPECT_NE(prepared.error().text.find("secrets.key"), std::string::npos);
        EXPECT_EQ(snapshot(), expected) << wrong;
    }
    restore(good);
    EXPECT_EQ(secrets.get("room").value(), "x");  // putting the key back is enough
}

TEST_F(SecretsTest, ASecretInThePlaceOfAnotherIsFoundOut) {
    Secrets secrets(dir_);
    ASSERT_TRUE(secrets.put("weak", "public"));
    ASSERT_TRUE(secrets.put("strong", "hidden"));
    fs::copy_file(path("secrets/strong.sealed"), path("secrets/weak.sealed"),
                  fs::copy_options::overwrite_existing);
    fs::permissions(path("secrets/weak.sealed"), fs::perms::owner_read);
    EXPECT_EQ(secrets.get("weak").error().code, ErrorCode::malformed);
    EXPECT_NE(secrets.get("weak").error().text.find("weak.sealed"), std::string::npos);
    EXPECT_EQ(secrets.get("strong").value(), "hidden");
    EXPECT_FALSE(rekey(secrets));  // it would be lost
    EXPECT_FALSE(exists("secrets.key.next"));
    ASSERT_TRUE(secrets.put("weak", "public"));
    EXPECT_TRUE(rekey(secrets));
}

TEST_F(SecretsTest, ANewKeySealsEverythingInTheChosenSuite) {
    Secrets secrets(dir_);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(secrets.put("s" + std::to_string(i), "v" + std::to_string(i)));
    const Snapshot before = snapshot();
    fs::create_hard_link(path("secrets.key"), path("witness"));
    secrets.use(crypto::SealSuite::sm4_ctr_hmac_sm3);
    EXPECT_EQ(rekey(secrets).value(), 5U);
    const std::string gone = crypto::read_small_file(path("witness")).value();
    EXPECT_EQ(gone, std::string(gone.size(), '\0'));  // the old key is overwritten
    fs::remove(path("witness"));
    const Snapshot after = snapshot();
    EXPECT_EQ(after.size(), before.size());
    EXPECT_NE(after.at("secrets.key"), before.at("secrets.key"));
    EXPECT_EQ(after.at("secrets/s0.sealed")[5], 2);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(secrets.get("s" + std::to_string(i)).value(), "v" + std::to_string(i));
}

TEST_F(SecretsTest, APowerCutWhileTheKeyChangesLosesNothing) {
    Secrets secrets(dir_);
    const int count = 4;
    const auto name = [](int i) { return "s" + std::to_string(i); };
    for (int i = 0; i < count; ++i) ASSERT_TRUE(secrets.put(name(i), name(i)));
    const Snapshot before = snapshot();
    ASSERT_TRUE(rekey(secrets));
    const Snapshot after = snapshot();
    std::vector<Snapshot> cuts;
    for (int done = 0; done <= count; ++done) {
        Snapshot cut = before;
        cut["secrets.key.next"] = after.at("secrets.key");
        for (int i = 0; i < done; ++i)
            cut["secrets/" + name(i) + ".sealed"] = after.at("secrets/" + name(i) + ".sealed");
        cuts.push_back(cut);
    }
    cuts.push_back(cuts.back());
    cuts.back()["secrets.key.~wipe"] = before.at("secrets.key");
    cuts.push_back(after);
    cuts.back()["secrets.key.~wipe"] = before.at("secrets.key");
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        restore(cuts[i]);
        for (int s = 0; s < count; ++s) EXPECT_EQ(secrets.get(name(s)).value(), name(s)) << "cut " << i;
        const auto prepared = secrets.prepare();
        ASSERT_TRUE(prepared) << i << ": " << prepared.error().text;
        EXPECT_EQ(prepared->is_rekeying, exists("secrets.key.next")) << i;
        if (prepared->is_rekeying) {
            ASSERT_TRUE(rekey(secrets)) << i;
        }
        for (int s = 0; s < count; ++s) EXPECT_EQ(secrets.get(name(s)).value(), name(s)) << "cut " << i;
        EXPECT_EQ(snapshot().size(), after.size()) << i;
        EXPECT_EQ(snapshot().at("secrets.key"), after.at("secrets.key")) << i;
    }
}

TEST_F(SecretsTest, WhileTheKeyChangesEverythingElseGoesOn) {
    Secrets secrets(dir_);
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(secrets.put(name, std::string("value of ") + name));
    ASSERT_EQ(secrets.begin_rekey().value().size(), 3U);
    ASSERT_TRUE(secrets.reseal("a"));
    ASSERT_TRUE(secrets.put("b", "changed"));
    ASSERT_TRUE(secrets.put("new", "value of new"));
    write("secrets/plain", "laid there by hand");
    EXPECT_EQ(secrets.get("plain").value(), "laid there by hand");
    fs::remove(path("secrets/c.sealed"));
    ASSERT_TRUE(secrets.reseal("c"));
    const Snapshot before = snapshot();
    for (const char* name : {"a", "b", "new", "plain"}) ASSERT_TRUE(secrets.reseal(name));
    EXPECT_EQ(snapshot(), before);  // what has the next key is not written again
    Secrets started(dir_);          // as after a power cut
    ASSERT_TRUE(started.prepare().value().is_rekeying);
    ASSERT_EQ(rekey(started).value(), 4U);
    EXPECT_FALSE(exists("secrets.key.next"));
    EXPECT_EQ(started.get("a").value(), "value of a");
    EXPECT_EQ(started.get("b").value(), "changed");
    EXPECT_EQ(started.get("new").value(), "value of new");
    EXPECT_EQ(started.get("plain").value(), "laid there by hand");
}

TEST_F(SecretsTest, AFlippedBitDestroysNoEvidence) {
    Secrets secrets(dir_);
    ASSERT_TRUE(secrets.put("room", "x"));
    ASSERT_TRUE(secrets.put("room.sealed", "another one"));
    const Snapshot good = snapshot();
    const std::size_t size = good.at("secrets/room.sealed").size();
    for (std::size_t at = 0; at < size; ++at) {
        Snapshot broken = good;
        std::string& sealed = broken["secrets/room.sealed"];
        sealed[at] = static_cast<char>(sealed[at] ^ 4);
        restore(broken);
        const auto prepared = secrets.prepare();
        if (at < 4) {
            ASSERT_TRUE(prepared) << at;
            ASSERT_EQ(prepared->left.size(), 1U) << at;
            EXPECT_NE(prepared->left[0].text.find("room.sealed"), std::string::npos);
            EXPECT_EQ(secrets.get("room.sealed").value(), "another one");
        }
        EXPECT_FALSE(secrets.get("room")) << at;
        EXPECT_FALSE(rekey(secrets)) << at;
        EXPECT_EQ(snapshot(), broken) << at;
    }
    restore(good);
    EXPECT_EQ(secrets.get("room").value(), "x");
}

TEST_F(SecretsTest, ALinkToTheKeyInForceIsNotWiped) {
    Secrets secrets(dir_);
    ASSERT_TRUE(secrets.put("a", "x"));
    fs::create_hard_link(path("secrets.key"), path("secrets.key.~wipe"));
    ASSERT_TRUE(secrets.prepare());
    EXPECT_FALSE(exists("secrets.key.~wipe"));
    EXPECT_EQ(secrets.get("a").value(), "x");
}

}  // namespace
}  // namespace outstation::confd
