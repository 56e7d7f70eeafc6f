// SPDX-License-Identifier: GPL-3.0-or-later
// Known answers, formats that must be refused, files that must survive, a certificate that stays.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/certificate.hpp"
#include "lib/crypto/password.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::crypto {
namespace {

constexpr ScryptCost kCheap{4, 8, 1};

class Folder {
  public:
    Folder() { EXPECT_NE(mkdtemp(path_), nullptr); }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string path(const std::string& name = "") const {
        return std::string(path_) + "/" + name;
    }

  private:
    char path_[32] = "/tmp/outstation-crypto-XXXXXX";
};

mode_t mode_of(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 07777U;
}

TEST(Bytes, Sha256OfTheFirstVectorOfFips180) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Bytes, Base64UrlFollowsRfc4648AndHasOneTextForEachValue) {
    const std::pair<std::string, std::string> vectors[] = {
        {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xff\xfe\xfd", "__79"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(to_base64url(bytes), text);
        EXPECT_EQ(parse_base64url(text).value(), bytes);
    }
    for (const char* wrong : {"Z", "Zh", "Zm9", "Zg==", "Zm+v", "Zm/v", "Zm9v Yg", "Zm9vZ"}) {
        EXPECT_FALSE(parse_base64url(wrong)) << wrong;
    }
}

TEST(Bytes, RandomTextUsesTheWholeAlphabetAndDiffers) {
    const auto text = random_text(2000, "abcdefg");
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), 2000U);
    EXPECT_EQ(std::set<char>(text->begin(), text->end()).size(), 7U);
    EXPECT_NE(random_bytes(32).value(), random_bytes(32).value());
}

TEST(Bytes, ComparesLengthAndContent) {
    EXPECT_TRUE(equal_in_constant_time("same", "same"));
    EXPECT_FALSE(equal_in_constant_time("same", "sane"));
    EXPECT_FALSE(equal_in_constant_time("same", "same "));
    EXPECT_TRUE(equal_in_constant_time("", ""));
}

TEST(Password, VerifiesItsOwnAndNothingElse) {
    const auto hash = hash_password("correct horse", kCheap);
    ASSERT_TRUE(hash);
    EXPECT_EQ(hash->rfind("$scrypt$ln=4,r=8,p=1$", 0), 0U);
    EXPECT_TRUE(verify_password("correct horse", *hash).value());
    EXPECT_FALSE(verify_password("correct horsf", *hash).value());
    EXPECT_FALSE(verify_password("", *hash).value());
    EXPECT_NE(*hash, hash_password("correct horse", kCheap).value());
}

TEST(Password, DefaultCostIsTheOneWePromise) {
    const auto hash = hash_password("x");
    ASSERT_TRUE(hash);
    EXPECT_EQ(hash->rfind("$scrypt$ln=15,r=8,p=1$", 0), 0U);
    EXPECT_TRUE(verify_password("x", *hash).value());
}

TEST(Password, RefusesHashesThatBreakTheFormatOrCostTooMuch) {
    const std::string tail =
        "$" + to_base64url(std::string(16, 's')) + "$" + to_base64url(std::string(32, 'h'));
    EXPECT_TRUE(verify_password("x", "$scrypt$ln=4,r=8,p=1" + tail));
    const std::string wrongs[] = {"",
                                  "$scrypt$",
                                  "$scrypt$ln=40,r=8,p=1" + tail,
                                  "$scrypt$ln=4,r=800,p=1" + tail,
                                  "$scrypt$ln=4,r=8,p=0" + tail,
                                  "$scrypt$ln=-4,r=8,p=1" + tail,
                                  "$scrypt$ln=4,r=8,p=1" + tail + "A",
                                  "$scrypt$ln=4,r=8,p=1$c2hvcnQ$c2hvcnQ"};
    for (const std::string& wrong : wrongs) {
        const auto result = verify_password("x", wrong);
        ASSERT_FALSE(result) << wrong;
        EXPECT_EQ(result.error().code, ErrorCode::malformed);
    }
}

TEST(PrivateFile, IsReplacedAsAWholeWithItsModeAndLeavesNothingBeside) {
    const Folder folder;
    const std::string path = folder.path("secret");
    ASSERT_TRUE(write_private_file(path, "one"));
    ASSERT_TRUE(write_private_file(path, std::string(100'000, 'x')));
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_EQ(read_small_file(path).value().size(), 100'000U);
    EXPECT_EQ(read_small_file(path, 10).error().code, ErrorCode::exhausted);
    const auto entries = std::filesystem::directory_iterator(folder.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
    ASSERT_TRUE(remove_private_file(path));
    ASSERT_TRUE(remove_private_file(path));
    EXPECT_EQ(read_small_file(path).error().code, ErrorCode::not_found);
}

TEST(PrivateFile, KeepsTheOldContentWhenItCannotWrite) {
    const Folder folder;
    const std::string path = folder.path("secret");
    ASSERT_TRUE(write_private_file(path, "old"));
    std::filesystem::create_directory(path + ".new");  // where the new content would stand
    EXPECT_FALSE(write_private_file(path, "new"));
    EXPECT_EQ(read_small_file(path).value(), "old");
}

TEST(Certificate, IsMadeOnceAndKept) {
    const Folder folder;
    const auto made = ensure_station_certificate(folder.path(), {{"box-7"}, {"192.0.2.7", "2001:db8::7"}});
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_EQ(made->sha256.size(), 95U);
    EXPECT_EQ(mode_of(made->key_path), 0600U);
    const auto again = ensure_station_certificate(folder.path(), {});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->sha256, made->sha256);
}

TEST(Certificate, LostCertificateIsMadeAgainFromTheKeyButABrokenOneIsAnError) {
    const Folder folder;
    const auto made = ensure_station_certificate(folder.path(), {});
    ASSERT_TRUE(made);
    ASSERT_TRUE(remove_private_file(made->certificate_path));
    EXPECT_TRUE(ensure_station_certificate(folder.path(), {}));
    ASSERT_TRUE(write_private_file(made->certificate_path, "rubbish"));
    EXPECT_EQ(ensure_station_certificate(folder.path(), {}).error().code, ErrorCode::malformed);
}

TEST(Certificate, OfAnotherKeyIsAnError) {
    const Folder one;
    const Folder other;
    const auto made = ensure_station_certificate(one.path(), {});
    ASSERT_TRUE(made && ensure_station_certificate(other.path(), {}));
    std::filesystem::copy_file(other.path("station.crt"), made->certificate_path,
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(ensure_station_certificate(one.path(), {}).error().code, ErrorCode::config);
}

TEST(Certificate, HostileNamesDoNotReachTheExtension) {
    const Folder folder;
    EXPECT_TRUE(ensure_station_certificate(folder.path(), {{"a,DNS:evil.example", ""}, {"not an address!"}}));
}

}  // namespace
}  // namespace outstation::crypto
