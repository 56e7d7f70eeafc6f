// SPDX-License-Identifier: GPL-3.0-or-later
// The entries of a backup: the worked example of docs/formats/backup.md, round trips, and hostile streams.
#include "daemons/ctl/backup_format.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace outstation::ctl {
namespace {

class Collector : public ArchiveVisitor {
  public:
    Result<void> directory(const ArchiveName& name) override {
        directories.push_back(name.path);
        return {};
    }
    Result<void> begin_file(const ArchiveName& name) override {
        current = name.path;
        files[current] = "";
        return {};
    }
    Result<void> content(std::string_view bytes) override {
        files[current] += bytes;
        return {};
    }
    Result<void> end_file() override { return {}; }
    Result<void> take_back(const std::string& path) override {
        files.erase(path);
        return {};
    }
    std::vector<std::string> directories;
    std::map<std::string, std::string> files;
    std::string current;
};

Result<ArchiveSummary> read(std::string_view bytes, ArchiveVisitor& visitor) {
    ArchiveReader reader(
        [&bytes](std::size_t count) -> Result<std::string> {
            if (bytes.size() < count) return fail(ErrorCode::malformed, "it ends");
            std::string out(bytes.substr(0, count));
            bytes.remove_prefix(count);
            return out;
        },
        [&bytes]() -> Result<bool> { return bytes.empty(); });
    return reader.read(visitor);
}

Result<ArchiveSummary> read(std::string_view bytes) {
    Collector ignored;
    return read(bytes, ignored);
}

ArchiveWriter writer_to(std::string& out) {
    return ArchiveWriter([&out](std::string_view bytes) -> Result<void> {
        out += bytes;
        return {};
    });
}

ArchiveName named(const std::string& path, std::uint32_t mode) {
    return {path, mode, "root", "root"};
}

std::string example() {
    std::string out;
    auto writer = writer_to(out);
    EXPECT_TRUE(writer.begin(1'767'225'600'000'000'000));
    EXPECT_TRUE(writer.directory(named(".", 0755)));
    EXPECT_TRUE(writer.directory(named("confd", 0700)));
    EXPECT_TRUE(writer.begin_file(named("confd/a", 0600)));
    EXPECT_TRUE(writer.content("hi"));
    EXPECT_TRUE(writer.content(std::string(4096, '\0')));
    EXPECT_TRUE(writer.end_file());
    EXPECT_TRUE(writer.end());
    return out;
}

std::string documented() {
    std::ifstream page("docs/formats/backup.md");
    std::string hex;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.rfind("```", 0) == 0) {
            inside = line == "```hex entries";
        } else if (inside) {
            for (const char c : line) hex += c == ' ' ? "" : std::string(1, c);
        }
    }
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return out;
}

TEST(BackupFormatTest, TheWorkedExampleIsWhatTheCodeMakes) {
    EXPECT_EQ(example(), documented());
    Collector found;
    const auto summary = read(documented(), found);
    ASSERT_TRUE(summary) << summary.error().text;
    EXPECT_EQ(summary->created_ns, 1'767'225'600'000'000'000);
    EXPECT_EQ(summary->bytes(), 4098U);
    EXPECT_EQ(found.directories, (std::vector<std::string>{".", "confd"}));
    EXPECT_EQ(found.files["confd/a"], "hi" + std::string(4096, '\0'));
}

TEST(BackupFormatTest, ContentComesBackAsItWas) {
    std::string content;
    for (std::size_t i = 0; i < 200'000; ++i) content += static_cast<char>(i * 31 >> (i % 7));
    content += std::string(300'000, '\0') + "end" + std::string(70'000, '\0');
    std::string out;
    auto writer = writer_to(out);
    ASSERT_TRUE(writer.begin(1));
    ASSERT_TRUE(writer.directory(named(".", 0700)));
    for (const auto& [path, bytes] : {std::pair<std::string, std::string>{"all", content}, {"none", ""}}) {
        ASSERT_TRUE(writer.begin_file(named(path, 0600)));
        ASSERT_TRUE(writer.content(bytes));
        ASSERT_TRUE(writer.end_file());
    }
    ASSERT_TRUE(writer.end());
    EXPECT_LT(out.size(), content.size() - 200'000);  // zeros take no room
    Collector found;
    ASSERT_TRUE(read(out, found));
    EXPECT_EQ(found.files["all"], content);
    EXPECT_EQ(found.files["none"], "");
}

TEST(BackupFormatTest, WhatIsTakenBackDoesNotCount) {
    std::string out;
    auto writer = writer_to(out);
    ASSERT_TRUE(writer.begin(1));
    ASSERT_TRUE(writer.directory(named(".", 0700)));
    for (const char* content : {"old", "new"}) {
        if (!writer.files().empty()) {
            ASSERT_TRUE(writer.take_back("a"));
        }
        ASSERT_TRUE(writer.begin_file(named("a", 0600)));
        ASSERT_TRUE(writer.content(content));
        ASSERT_TRUE(writer.end_file());
    }
    ASSERT_TRUE(writer.end());
    Collector found;
    const auto summary = read(out, found);
    ASSERT_TRUE(summary) << summary.error().text;
    EXPECT_EQ(summary->files.size(), 1U);
    EXPECT_EQ(found.files["a"], "new");
}

TEST(BackupFormatTest, CutOrLongerStreamsAreNotWhole) {
    const std::string whole = example();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read(std::string_view(whole).substr(0, size))) << size;
    EXPECT_FALSE(read(whole + "x"));
}

// A reader keeps the names: who knows the passphrase may not fill the memory with them.
TEST(BackupFormatTest, NamesAreBounded) {
    const std::string owner(kMostOwnerBytes, 'o');
    const std::string folder(255, 'f');
    for (const bool too_long : {false, true}) {
        std::string out;
        auto writer = writer_to(out);
        ASSERT_TRUE(writer.begin(1));
        ASSERT_TRUE(writer.directory({".", 0700, owner + (too_long ? "o" : ""), owner}));
        ASSERT_TRUE(writer.end());
        EXPECT_EQ(read(out).has_value(), !too_long);
    }
    std::string out;
    auto writer = writer_to(out);
    ASSERT_TRUE(writer.begin(1));
    ASSERT_TRUE(writer.directory({".", 0700, "", ""}));
    std::size_t directories = 0;
    while (writer.directory({std::to_string(directories) + folder, 0700, owner, owner})) ++directories;
    EXPECT_GT(directories, 80'000U);
    EXPECT_LT(directories, 90'000U);
    ASSERT_TRUE(writer.end());
    EXPECT_TRUE(read(out));
    std::string more;  // two directories more, by hand
    for (const char* path : {"y", "z"}) {
        more += '\1';
        more += std::string("\xc0\x01\0\0\x01\0", 6) + path;
        for (int i = 0; i < 2; ++i) more += std::string("\0\1", 2) + owner;
    }
    EXPECT_FALSE(read(std::string(out).insert(out.size() - 5, more)));
}

// Whoever knows the passphrase may send anything; nothing of it may lead out of the directory.
TEST(BackupFormatTest, HostilePathsAreRefused) {
    for (const std::string path : {"../a", "confd/../../a", "/etc/passwd", "confd//a", "confd/", "confd/.",
                                   "confd/..", "a\nb", "", "confd/a\x1b[2J", "missing/a", "confd/b", "."}) {
        std::string out;
        auto writer = writer_to(out);
        ASSERT_TRUE(writer.begin(1));
        ASSERT_TRUE(writer.directory(named(".", 0755)));
        ASSERT_TRUE(writer.directory(named("confd", 0700)));
        ASSERT_TRUE(writer.begin_file(named("confd/b", 0600)));
        ASSERT_TRUE(writer.end_file());
        ASSERT_TRUE(writer.begin_file(named(path, 0600)));
        ASSERT_TRUE(writer.end_file());
        ASSERT_TRUE(writer.end());
        const auto summary = read(out);
        ASSERT_FALSE(summary) << path;
        EXPECT_EQ(summary.error().code, ErrorCode::malformed) << path;
    }
    EXPECT_FALSE(is_safe_path(std::string(kMostPathBytes + 1, 'a')));
    EXPECT_FALSE(is_safe_path("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"));
    EXPECT_TRUE(is_safe_path("stored/journal/samples-00000000000000000001.journal"));
}

TEST(BackupFormatTest, DirectoriesOutsideAndModesThatAreNoneAreRefused) {
    const auto refused = [](const ArchiveName& name) {
        std::string out;
        auto writer = writer_to(out);
        EXPECT_TRUE(writer.begin(1));
        EXPECT_TRUE(writer.directory(named(".", 0755)));
        EXPECT_TRUE(writer.directory(name));
        EXPECT_TRUE(writer.end());
        return !read(out);
    };
    EXPECT_TRUE(refused(named("..", 0700)));
    EXPECT_TRUE(refused(named("/tmp", 0700)));
    EXPECT_TRUE(refused(named(".", 0700)));
    EXPECT_TRUE(refused(named("confd", 04700)));
    EXPECT_FALSE(refused(named("confd", 0700)));
}

TEST(BackupFormatTest, NoChangedOctetGoesUnnoticedButInWhatTheSealAloneProves) {
    const std::string whole = example();
    std::size_t unnoticed = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x20);
        Collector found;
        const auto summary = read(changed, found);
        if (!summary) continue;
        ++unnoticed;
        EXPECT_EQ(found.files.begin()->second, "hi" + std::string(4096, '\0')) << at;
    }
    // Time (8), the zero (2), modes, owners and groups: the seal has them.
    EXPECT_LE(unnoticed, 8U + 2 + 3 * (2 + 4 + 4));
}

}  // namespace
}  // namespace outstation::ctl
