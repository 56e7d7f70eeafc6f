// SPDX-License-Identifier: GPL-3.0-or-later
// What a person reads when a configuration is wrong, and what a right one gives.
#include "lib/config/config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace outstation::config {
namespace {

using namespace std::chrono_literals;

TEST(Config, ReadsEachTypeAndFallsBack) {
    auto doc = Document::parse(
        "name: NO\nport: 8443\nevery: 10 s\nlimit: 20 GiB\nfast: true\ntags: [a, b]\nlevel: info\n",
        "x.yaml");
    auto root = doc.root();
    EXPECT_EQ(root.text("name", ""), "NO");  // Norway is text here
    EXPECT_EQ(root.integer("port", 1, 1, 65535), 8443U);
    EXPECT_EQ(root.duration("every", 1s, 1s, 60s), 10s);
    EXPECT_EQ(root.bytes("limit", 1, 0, 1ULL << 40), 20ULL << 30);
    EXPECT_TRUE(root.boolean("fast", false));
    EXPECT_EQ(root.texts("tags"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(root.choice("level", "debug", {"info", "debug"}), "info");
    EXPECT_EQ(root.integer("absent", 5), 5U);
    EXPECT_EQ(root.mapping("none").text("x", "y"), "y");
    EXPECT_TRUE(doc.check()) << doc.check().error().text;
}

TEST(Config, NumbersKindsAndThingsThatMayBeOneOrMany) {
    auto doc =
        Document::parse("a: -0.5\nb: x\nc: [p, {word: q, more: 1}]\nd: {word: r}\ne:\nf: 1.5.6\n", "x.yaml");
    auto root = doc.root();
    EXPECT_EQ(root.number("a", 1), -0.5);
    EXPECT_EQ(root.kind("b"), Mapping::Kind::scalar);
    EXPECT_EQ(root.kind("c"), Mapping::Kind::list);
    EXPECT_EQ(root.kind("d"), Mapping::Kind::mapping);
    EXPECT_EQ(root.kind("e"), Mapping::Kind::absent);
    std::string words;
    for (const char* key : {"b", "c", "d", "e", "absent"})
        for (auto item : root.items(key, "word")) words += item.text("word", "-");
    EXPECT_EQ(words, "xpqr");
    EXPECT_EQ(root.number("f", 7), 7);
    EXPECT_EQ(doc.problems(),
              (std::vector<std::string>{"x.yaml:3:18: unknown key 'more'",
                                        "x.yaml:6:1: 'f': expected a number, found '1.5.6'"}));
}

TEST(Config, TellsEveryMistakeAtOnceWithItsPlace) {
    auto doc = Document::parse(
        "port: 99999\n"
        "every: fast\n"
        "devices:\n"
        "  - id: a\n"
        "    colour: red\n"
        "  - text\n"
        "every: 5 s\n",
        "station.yaml");
    auto root = doc.root();
    (void)root.integer("port", 1, 1, 65535);
    (void)root.duration("every", 1s, 1s, 60s);
    for (auto device : root.mappings("devices")) (void)device.text("id", "");
    EXPECT_EQ(doc.problems(),
              (std::vector<std::string>{
                  "station.yaml:1:1: 'port': expected a whole number from 1 to 65535, found '99999'",
                  "station.yaml:2:1: 'every': expected a time from 1 s to 1 min (like '10 s'), found 'fast'",
                  "station.yaml:5:5: unknown key 'colour'",
                  "station.yaml:6:5: expected a mapping (key: value)",
                  "station.yaml:7:1: key 'every' is there twice",
              }));
}

// A database of one zone beside UTC.
struct ZoneDirectory {
    ZoneDirectory() {
        std::filesystem::create_directories(path + "/Asia");
        for (const char* name : {"/UTC", "/Asia/Shanghai"}) std::ofstream(path + name) << "TZif2";
        std::ofstream(path + "/zone.tab") << "# not a zone";
    }
    ~ZoneDirectory() { std::filesystem::remove_all(path); }
    ZoneDirectory(const ZoneDirectory&) = delete;
    ZoneDirectory& operator=(const ZoneDirectory&) = delete;
    char name_[32] = "/tmp/outstation-zones-XXXXXX";
    std::string path = mkdtemp(name_);
};

TEST(Config, TimeZonesAreLookedUpInTheDatabase) {
    const ZoneDirectory zones;
    EXPECT_EQ(look_up_zone("Asia/Shanghai", zones.path), ZoneAnswer::known);
    for (const char* wrong : {"", "Asia", "Asia/Shangai", "zone.tab", "../UTC", "/etc/localtime",
                              "Asia/../UTC", "Asia/Shanghai/", "CST-8"})
        EXPECT_EQ(look_up_zone(wrong, zones.path), ZoneAnswer::unknown) << wrong;
    EXPECT_EQ(look_up_zone("Asia/Shanghai", "/nonexistent"), ZoneAnswer::no_database);
}

TEST(Config, AWrongTimeZoneIsToldWithItsPlace) {
    const ZoneDirectory zones;
    auto doc =
        Document::parse("name: a\nzone: Asia/Shangai\nother: Asia/Shanghai\nthird: [1]\n", "station.yaml");
    auto root = doc.root();
    (void)root.text("name", "");
    EXPECT_EQ(root.time_zone("zone", "UTC", zones.path), "UTC");
    EXPECT_EQ(root.time_zone("other", "UTC", zones.path), "Asia/Shanghai");
    EXPECT_EQ(root.time_zone("absent", "Europe/Paris", zones.path), "Europe/Paris");
    (void)root.time_zone("third", "UTC", zones.path);
    EXPECT_EQ(doc.problems(),
              (std::vector<std::string>{
                  "station.yaml:2:1: 'zone': expected the name of a time zone (like 'Asia/Shanghai'), found "
                  "'Asia/Shangai'",
                  "station.yaml:4:1: 'third': expected the name of a time zone (like 'Asia/Shanghai')"}));
}

TEST(Config, AMissingTimeZoneDatabaseIsToldAsThat) {
    auto doc = Document::parse("zone: Asia/Shanghai\n", "station.yaml");
    EXPECT_EQ(doc.root().time_zone("zone", "UTC", "/nonexistent"), "UTC");
    EXPECT_EQ(doc.problems(),
              (std::vector<std::string>{"station.yaml:1:1: 'zone': there is no time zone database "
                                        "in /nonexistent (package tzdata)"}));
}

TEST(Config, TextThatIsNotYamlIsOneProblem) {
    auto doc = Document::parse("a: [1, 2\nb: }", "bad.yaml");
    (void)doc.root();
    ASSERT_EQ(doc.problems().size(), 1U);
    EXPECT_EQ(doc.problems()[0].substr(0, 9), "bad.yaml:");
}

TEST(Config, DeepNestingIsRefusedNotACrash) {
    auto doc = Document::parse(std::string(100000, '['), "deep.yaml");
    (void)doc.root();
    EXPECT_FALSE(doc.check());
}

// Each alias of a list is a list: a short text would become as large as one likes.
TEST(Config, TextsOfListsAreCountedWithTheirAliases) {
    const auto problems_of = [](std::size_t texts, int aliases) {
        std::string text = "first: {of: &all [";
        for (std::size_t i = 0; i < texts; ++i) text += "a,";
        text += "]}\nrest:\n";
        for (int i = 0; i < aliases; ++i) text += "- {of: *all}\n";
        auto doc = Document::parse(text, "f.yaml");
        Mapping root = doc.root();
        std::size_t count = root.mapping("first").texts("of").size();
        for (Mapping& item : root.mappings("rest")) count += item.texts("of").size();
        EXPECT_LE(count, 150'000U);
        return doc.problems();
    };
    EXPECT_EQ(problems_of(30'000, 1), std::vector<std::string>{});
    const auto problems = problems_of(30'000, 1000);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems[0].find("too much is in it, aliases counted"), std::string::npos) << problems[0];
}

TEST(Config, QuantitiesNeedTheirUnitAndDoNotOverflow) {
    EXPECT_EQ(parse_duration("90 min"), 90min);
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("0"), 0s);
    for (const char* bad : {"", "10", "s", "-1 s", "1 h 30", "1.5 h", "300000000000 d"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
    EXPECT_EQ(parse_bytes("64 MiB"), 64U << 20);
    for (const char* bad : {"64", "64 MB", "99999999 TiB"}) EXPECT_FALSE(parse_bytes(bad)) << bad;
    EXPECT_EQ(format_duration(90s), "90 s");
    EXPECT_EQ(format_duration(120s), "2 min");
}

TEST(Config, AMissingFileIsNamed) {
    const auto doc = Document::read("/nonexistent/station.yaml");
    ASSERT_FALSE(doc);
    EXPECT_EQ(doc.error().code, ErrorCode::not_found);
    EXPECT_EQ(doc.error().text.substr(0, 25), "/nonexistent/station.yaml");
}

}  // namespace
}  // namespace outstation::config
