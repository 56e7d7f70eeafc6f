// SPDX-License-Identifier: GPL-3.0-or-later
// webd's parts without a socket: text, rates, ranges, ticks, components, the metrics page, files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "daemons/webd/components.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/metrics_page.hpp"
#include "daemons/webd/range.hpp"
#include "daemons/webd/rates.hpp"
#include "daemons/webd/series_json.hpp"
#include "daemons/webd/settings.hpp"
#include "daemons/webd/static_files.hpp"
#include "daemons/webd/throughput.hpp"
#include "lib/config/zone.hpp"

namespace outstation::webd {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kSecond = 1'000'000'000;

wire::LatestRow counter_row(std::uint64_t now, std::uint64_t before, std::int64_t seconds) {
    wire::LatestRow row;
    row.series.kind = SeriesKind::counter;
    row.wall_ns = 1000 * kSecond;
    row.counter = now;
    row.previous_wall_ns = row.wall_ns - seconds * kSecond;
    row.previous_counter = before;
    return row;
}

TEST(CleanText, LeavesTextAloneAndTakesControlsOut) {
    EXPECT_EQ(clean_text("交换机 sw-1 <b>&\"'"), "交换机 sw-1 <b>&\"'");
    EXPECT_EQ(clean_text(std::string_view("a\0b\x1b[31mc\x7f\xc2\x85"
                                          "d",
                                          13)),
              "ab[31mcd");
    EXPECT_EQ(clean_text("line\r\nline\ttab"), "line  line tab");
}

TEST(CleanText, MakesUtf8OfAnything) {
    const std::pair<const char*, const char*> cases[] = {
        {"\xff", "\xef\xbf\xbd"},
        {"a\xc0\xafz", "a\xef\xbf\xbd\xef\xbf\xbdz"},                              // overlong slash
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                  // a surrogate
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // above U+10FFFF
        {"\xe4\xb8", "\xef\xbf\xbd\xef\xbf\xbd"},                                  // cut
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    };
    for (const auto& [raw, clean] : cases) EXPECT_EQ(clean_text(raw), clean);
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            const std::string raw{static_cast<char>(a), static_cast<char>(b), 'x'};
            const std::string text = clean_text(raw);
            EXPECT_NO_THROW({ [[maybe_unused]] const auto json = Json(text).dump(); });
        }
    }
}

TEST(CleanText, IsCutBetweenCharacters) {
    const std::string text = clean_text(std::string(1023, 'a') + "中");
    EXPECT_EQ(text.size(), 1023U);
    EXPECT_EQ(clean_text(std::string(100'000, 'a')).size(), kMaxTextBytes);
}

TEST(FormatTime, IsRfc3339InUtc) {
    EXPECT_EQ(format_time(1'700'000'000'123'456'789), "2023-11-14T22:13:20.123Z");
    EXPECT_FALSE(format_time(0));
    EXPECT_FALSE(format_time(-1));
    EXPECT_TRUE(format_time(std::numeric_limits<std::int64_t>::max()));  // the year 2262
}

TEST(Rates, AreExactOn64Bits) {
    const std::uint64_t big = 18'446'744'073'709'000'000ULL;
    EXPECT_EQ(rate_of(counter_row(big + 3000, big, 30), 90 * kSecond), 100.0);
    EXPECT_EQ(rate_of(counter_row(5, 5, 30), 90 * kSecond), 0.0);
}

TEST(Rates, A32BitCounterWraps) {
    wire::LatestRow row = counter_row(700, 4'294'965'000, 30);
    EXPECT_FALSE(rate_of(row, 90 * kSecond));
    row.series.labels = {{"if_index", "1"}, {"width", "32"}};
    EXPECT_EQ(rate_of(row, 90 * kSecond), (296.0 + 2000.0 + 700.0) / 30);
    row.previous_counter = 1'000'000'000;  // the long way round is a reset
    EXPECT_FALSE(rate_of(row, 90 * kSecond));
}

TEST(Rates, AResetAGapAndAClockStepGiveNone) {
    EXPECT_FALSE(rate_of(counter_row(10, 4'000'000'000, 30), 90 * kSecond));
    EXPECT_FALSE(rate_of(counter_row(3000, 0, 91), 90 * kSecond));
    EXPECT_TRUE(rate_of(counter_row(3000, 0, 90), 90 * kSecond));
    EXPECT_FALSE(rate_of(counter_row(3000, 0, 0), 90 * kSecond));
    EXPECT_FALSE(rate_of(counter_row(3000, 0, -30), 90 * kSecond));
    wire::LatestRow first = counter_row(3000, 0, 30);
    first.previous_wall_ns = 0;
    EXPECT_FALSE(rate_of(first, 90 * kSecond));
}

TEST(RangeQueryTest, ChoosesRoundStepsNeverFinerThanThePoll) {
    const auto query = make_range_query({1}, 1000, 4600, 0, 600, 30);
    EXPECT_EQ(query.step_ns, 30 * kSecond);
    EXPECT_EQ(query.from_ns % query.step_ns, 0);
    EXPECT_LE(query.from_ns, 1000 * kSecond);
    EXPECT_GE(query.to_ns, 4600 * kSecond);
    EXPECT_EQ(make_range_query({1}, 0, 86400, 0, 600, 30).step_ns, 180 * kSecond);
    EXPECT_EQ(make_range_query({1}, 0, 86400, 5, 600, 30).step_ns, 30 * kSecond);
    EXPECT_EQ(make_range_query({1}, 0, 86400, 60, 600, 30).step_ns, 60 * kSecond);
    EXPECT_LE(make_range_query({1}, 0, 2e9, 1, 600, 30).steps(), 4001U);
    EXPECT_LE(make_range_query({1}, 0, 2e9, 0, 600, 30).steps(), 601U);
    EXPECT_EQ(make_range_query({1}, 0.5, 0.6, 0, 600, 30).steps(), 1U);
}

TEST(RangeQueryTest, ReadsSeriesIdsStrictly) {
    EXPECT_EQ(parse_series_ids("7,1,7"), (std::vector<std::uint32_t>{7, 1}));
    for (const char* wrong :
         {"", "0", "x", "1,,2", "1, 2", "-1", "4294967296", "1;2", "1,2,3,4,5,6,7,8,9,10,11,12,13"})
        EXPECT_FALSE(parse_series_ids(wrong)) << wrong;
    EXPECT_EQ(parse_series_ids("1,2,3,4,5,6,7,8,9,10,11,12")->size(), 12U);
}

TEST(SummaryTest, KeepsExtremesAndLeavesGapsOut) {
    wire::RangeColumn column;
    column.count = {2, 0, 1, 1};
    column.min = {1, 0, 7, 3};
    column.max = {9, 0, 7, 3};
    column.mean = {5, 0, 7, 3};
    const Summary summary = summary_of(column);
    EXPECT_EQ(summary.last, 3);
    EXPECT_EQ(summary.min, 1);
    EXPECT_EQ(summary.max, 9);
    EXPECT_EQ(summary.mean, 5);  // (2·5 + 7 + 3) / 4
    EXPECT_EQ(summary.p95, 7);
    column.count = {0, 0, 0, 0};
    EXPECT_FALSE(summary_of(column).mean);
}

TEST(ThroughputTest, CountsOverTheWindowAndForgetsARestart) {
    Throughput throughput;
    MonoTime now{1000s};
    throughput.add(now, 100);
    EXPECT_FALSE(throughput.per_second());
    throughput.add(now + 1s, 500);  // too soon to count as a look
    EXPECT_FALSE(throughput.per_second());
    throughput.add(now + 10s, 600);
    EXPECT_EQ(throughput.per_second(), 50);
    throughput.add(now + 20s, 10);
    EXPECT_FALSE(throughput.per_second());
}

TEST(ZoneTest, KnowsChinaAndRefusesPaths) {
    EXPECT_EQ(config::zone_at("Asia/Shanghai", 1'700'000'000 * kSecond).utc_offset_s, 28800);
    for (const char* wrong : {"", "../../etc/passwd", "/etc/passwd", "No/Where", "Asia/Shanghai;x"})
        EXPECT_EQ(config::zone_at(wrong, kSecond).name, "UTC") << wrong;
}

TEST(UnitTest, StandsAtTheEndOfTheName) {
    EXPECT_EQ(unit_of("if_in_octets_total"), "octets");
    EXPECT_EQ(unit_of("temperature_celsius"), "celsius");
    EXPECT_EQ(unit_of("if_speed_bits_per_second"), "bits_per_second");
    EXPECT_EQ(unit_of("up"), "none");
    EXPECT_EQ(unit_of("ratio"), "none");
}

// Latest rows made by hand.
class RowsTest : public testing::Test {
  protected:
    static constexpr std::int64_t kNow = 100'000 * kSecond;
    Freshness freshness_{kNow, 30 * kSecond};

    wire::LatestRow& add(const std::string& metric, std::vector<wire::WireLabel> labels, double value,
                         std::int64_t age_s = 5) {
        wire::LatestRow row;
        row.series.id = static_cast<std::uint32_t>(rows_.rows.size() + 1);
        row.series.device = "sw";
        row.series.metric = metric;
        row.series.labels = std::move(labels);
        row.wall_ns = kNow - age_s * kSecond;
        row.gauge = value;
        return rows_.rows.emplace_back(std::move(row));
    }
    void add_counter(const std::string& metric, std::vector<wire::WireLabel> labels, std::uint64_t now,
                     std::uint64_t before, std::int64_t age_s = 5) {
        wire::LatestRow& row = add(metric, std::move(labels), 0, age_s);
        row.series.kind = SeriesKind::counter;
        row.counter = now;
        row.previous_counter = before;
        row.previous_wall_ns = row.wall_ns - 30 * kSecond;
    }
    [[nodiscard]] Rows rows() const {
        Rows out;
        out.pages.push_back(std::make_shared<wire::LatestReply>(rows_));
        return out;
    }
    wire::LatestReply rows_;
};

TEST_F(RowsTest, InterfacesHaveRatesStatesAndWhatTheySayOfThemselves) {
    const std::vector<wire::WireLabel> port{{"if_index", "7"}, {"if_name", "GE1/0/7"}};
    add("sys_uptime_seconds", {}, 5000);
    add("if_oper_status", port, 1);
    add("if_admin_status", port, 1);
    add("if_speed_bits_per_second", port, 1e9);
    add_counter("if_in_octets_total", port, 4000, 1000);
    add_counter("if_out_octets_total", port, 10, 4'000'000'000);  // reset: a gap
    add("if_info",
        {{"if_alias", "uplink"},
         {"if_descr", "Gig 7"},
         {"if_index", "7"},
         {"if_mac", "00:11:22:33:44:55"},
         {"if_name", "GE1/0/7"},
         {"if_type", "6"}},
        1);
    add("if_oper_status", {{"if_index", "3"}, {"if_name", "GE1/0/3"}}, 2);
    const auto interfaces = interfaces_of(rows(), freshness_);
    ASSERT_EQ(interfaces.size(), 2U);
    EXPECT_EQ(interfaces[0].if_index, 3U);
    const Interface& one = interfaces[1];
    EXPECT_EQ(one.name, "GE1/0/7");
    EXPECT_EQ(one.alias, "uplink");
    EXPECT_EQ(one.mac, "00:11:22:33:44:55");
    EXPECT_EQ(one.type, 6);
    EXPECT_EQ(one.oper, 1);
    EXPECT_EQ(one.speed_bps, 1e9);
    EXPECT_EQ(one.in_octets_per_s, 100);
    EXPECT_FALSE(one.out_octets_per_s);
    EXPECT_EQ(one.in_series, 5U);
}

// The series go on under the name; what index it has now is told by the newest if_info.
TEST_F(RowsTest, AnInterfaceThatIsNumberedAnewIsWhereItIsNow) {
    const auto add_info = [this](const char* index, const char* name, const char* mac, std::int64_t age_s) {
        add("if_info", {{"if_index", index}, {"if_mac", mac}, {"if_name", name}}, 1, age_s);
    };
    add("sys_uptime_seconds", {}, 5000);
    add_info("1", "GE1", "", 20);
    add_info("2", "GE2", "", 20);
    add_info("1", "GE2", "", 0);
    add_info("2", "GE1", "", 0);
    add_info("3", "eth", "aa", 0);
    add_info("4", "eth", "bb", 0);
    add("if_oper_status", {{"if_name", "GE1"}}, 1);
    add("if_oper_status", {{"if_name", "GE2"}}, 2);
    add("if_oper_status", {{"if_mac", "aa"}, {"if_name", "eth"}}, 3);
    add("if_oper_status", {{"if_mac", "bb"}, {"if_name", "eth"}}, 4);
    const auto interfaces = interfaces_of(rows(), freshness_);
    ASSERT_EQ(interfaces.size(), 4U);
    std::string seen;
    for (const Interface& one : interfaces)
        seen += std::to_string(one.if_index) + " " + one.name + " " +
                (one.oper ? std::to_string(static_cast<int>(*one.oper)) : "-") + "; ";
    EXPECT_EQ(seen, "1 GE2 2; 2 GE1 1; 3 eth 3; 4 eth 4; ");
}

TEST_F(RowsTest, ARestartOfTheDeviceIsAGapInEveryRate) {
    auto& uptime = add("sys_uptime_seconds", {}, 12);
    uptime.previous_wall_ns = uptime.wall_ns - 30 * kSecond;
    uptime.previous_gauge = 9'000'000;
    add_counter("if_in_octets_total", {{"if_index", "1"}}, 4000, 1000);
    EXPECT_FALSE(interfaces_of(rows(), freshness_).front().in_octets_per_s);
}

TEST_F(RowsTest, OldValuesAreNotShownAsNow) {
    add("sys_uptime_seconds", {}, 5000, 200);
    add("if_oper_status", {{"if_index", "1"}}, 1, 200);
    add_counter("if_in_octets_total", {{"if_index", "1"}}, 4000, 1000, 200);
    const auto interfaces = interfaces_of(rows(), freshness_);
    ASSERT_EQ(interfaces.size(), 1U);  // the device is away: its interfaces stay, their values do not
    EXPECT_FALSE(interfaces[0].oper);
    EXPECT_FALSE(interfaces[0].in_octets_per_s);
    EXPECT_EQ(interfaces[0].time_ns, kNow - 200 * kSecond);
}

TEST_F(RowsTest, ARenamedInterfaceShowsItsNewNameAndAGoneOneIsGone) {
    add("sys_uptime_seconds", {}, 5000);
    add("if_oper_status", {{"if_index", "1"}, {"if_name", "new"}}, 2);
    add("if_oper_status", {{"if_index", "1"}, {"if_name", "old"}}, 1, 20);
    add("if_oper_status", {{"if_index", "2"}, {"if_name", "gone"}}, 1, 500);
    const auto interfaces = interfaces_of(rows(), freshness_);
    ASSERT_EQ(interfaces.size(), 1U);
    EXPECT_EQ(interfaces[0].name, "new");
    EXPECT_EQ(interfaces[0].oper, 2);
}

TEST_F(RowsTest, SensorsHaveKindUnitAndStatus) {
    const std::vector<wire::WireLabel> intake{
        {"kind", "temperature"}, {"sensor", "Intake"}, {"sensor_index", "4"}};
    const std::vector<wire::WireLabel> spare{{"kind", "fan"}, {"sensor", "Spare"}, {"sensor_index", "9"}};
    add("temperature_celsius", intake, 31.5);
    add("sensor_status", intake, 1);
    add("fan_speed_rpm", spare, 4000, 40);
    add("sensor_status", spare, 2);  // unavailable since
    const auto sensors = sensors_of(rows(), freshness_);
    ASSERT_EQ(sensors.size(), 2U);
    EXPECT_EQ(sensors[0].name, "Intake");
    EXPECT_EQ(sensors[0].unit, "celsius");
    EXPECT_EQ(sensors[0].value, 31.5);
    EXPECT_EQ(sensors[0].series, 1U);
    EXPECT_EQ(sensors[1].kind, "fan");
    EXPECT_EQ(sensors[1].status, 2);
    EXPECT_FALSE(sensors[1].value);
}

// Nothing says which of the many units it has.
TEST_F(RowsTest, AnotherSensorThatGivesNoValueHasNoUnit) {
    add("sensor_status", {{"kind", "other"}, {"sensor", "Spare"}, {"sensor_index", "4"}}, 3);
    const auto sensors = sensors_of(rows(), freshness_);
    ASSERT_EQ(sensors.size(), 1U);
    EXPECT_EQ(sensors[0].kind, "other");
    EXPECT_EQ(sensors[0].unit, "none");
}

TEST_F(RowsTest, ResourcesAreNamedForPeople) {
    add("hr_processor_load_ratio", {{"cpu", "196609"}}, 0.5);
    add("hr_processor_load_ratio", {{"cpu", "196608"}}, 0.25);
    const std::vector<wire::WireLabel> root{{"kind", "disk"}, {"storage", "/"}, {"storage_index", "31"}};
    add("hr_storage_size_bytes", root, 1000);
    add("hr_storage_used_bytes", root, 250);
    const auto resources = resources_of(rows(), freshness_);
    ASSERT_EQ(resources.processors.size(), 2U);
    EXPECT_EQ(resources.processors[0].name, "CPU 0");
    EXPECT_EQ(resources.processors[0].load_ratio, 0.25);
    ASSERT_EQ(resources.storage.size(), 1U);
    EXPECT_EQ(resources.storage[0].name, "/");
    EXPECT_EQ(resources.storage[0].kind, "disk");
    EXPECT_EQ(resources.storage[0].used_bytes, 250);
}

// What a reader of OpenMetrics 1.0 insists on: each family once, its type first, known sample lines, "# EOF".
void expect_open_metrics(const std::string& text) {
    const std::regex head("# (TYPE|HELP|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) .+");
    const std::regex point(
        R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)( [0-9.]+)?)re");
    ASSERT_GE(text.size(), 6U);
    EXPECT_EQ(text.substr(text.size() - 6), "# EOF\n");
    std::set<std::string> seen;
    std::string family;
    std::istringstream lines(text.substr(0, text.size() - 6));
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, head)) {
            if (match[1] == "TYPE") {
                EXPECT_TRUE(seen.insert(match[2]).second) << "family twice: " << line;
            }
            family = match[2];
        } else {
            ASSERT_TRUE(std::regex_match(line, match, point)) << line;
            EXPECT_TRUE(match[1] == family || match[1] == family + "_total") << line;
        }
    }
}

TEST_F(RowsTest, TheMetricsPageIsValidWithAnyText) {
    MetricsPage page;
    add("temperature_celsius", {{"sensor", "a\"b\\c\nd\x01\xff"}, {"bad-name", "x"}, {"device", "fake"}},
        21.5);
    add("temperature_celsius", {}, std::numeric_limits<double>::quiet_NaN());
    add("evil\nname", {}, 1);
    add("old", {}, 1, 5000);
    add_counter("if_in_octets_total", {{"if_index", "1"}}, 18'446'744'073'709'551'615ULL, 0);
    for (const auto& row : rows_.rows) page.add(row, kNow - 600 * kSecond);
    page.add(
        "# TYPE outstation_x gauge\n# HELP outstation_x Help.\noutstation_x{daemon=\"a\"} 1\n# TYPE only_a "
        "counter\nonly_a_total 3\n");
    page.add("# TYPE outstation_x gauge\n# HELP outstation_x Help.\noutstation_x{daemon=\"b\"} 2\n");
    const std::string text = page.text();
    expect_open_metrics(text);
    EXPECT_NE(text.find("if_in_octets_total{device=\"sw\",if_index=\"1\"} 18446744073709551615 99995.000\n"),
              std::string::npos);
    EXPECT_NE(text.find("# TYPE if_in_octets counter\n"), std::string::npos);
    EXPECT_EQ(text.find("fake"), std::string::npos);
    EXPECT_EQ(text.find("old"), std::string::npos);
    EXPECT_NE(text.find("outstation_x{daemon=\"a\"} 1\noutstation_x{daemon=\"b\"} 2\n"), std::string::npos);
}

TEST(SettingsTest, HaveDefaultsAndTellMistakes) {
    auto empty = config::Document::parse("", "webd.yaml");
    EXPECT_EQ(read_settings(empty.root()).listen, std::vector<std::string>{"127.0.0.1:8443"});
    auto file = config::Document::parse("listen:\n  addresses: [\"0.0.0.0\", \"::1\"]\n  port: 443\nui: /x\n",
                                        "webd.yaml");
    const auto settings = read_settings(file.root());
    EXPECT_TRUE(file.check()) << file.check().error().text;
    EXPECT_EQ(settings.listen, (std::vector<std::string>{"0.0.0.0:443", "[::1]:443"}));
    auto wrong =
        config::Document::parse("listen:\n  addresses: [localhost]\n  port: 70000\nuix: 1\n", "webd.yaml");
    [[maybe_unused]] const auto unused = read_settings(wrong.root());
    EXPECT_EQ(wrong.problems().size(), 3U);
}

TEST(SettingsTest, TheExampleIsValid) {
    auto example = config::Document::read("daemons/webd/webd.example.yaml");
    ASSERT_TRUE(example) << example.error().text;
    EXPECT_EQ(read_settings(example->root()).listen.size(), 2U);
    EXPECT_TRUE(example->check());
}

class FilesTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(folder_), nullptr); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(std::string(folder_) + "/" + name) << text;
    }
    static http::Request get(const std::string& path, const std::string& encoding) {
        http::Request request;
        request.method = http::Method::get;
        request.target = http::parse_target(path).value();
        request.headers = {{"accept-encoding", encoding}};
        return request;
    }
    char folder_[32] = "/tmp/outstation-ui-XXXXXX";
};

TEST_F(FilesTest, ServesWhatTheManifestListsAndPagesOfTheUi) {
    write("manifest.json", R"({"files": [
        {"path": "/", "file": "index.html", "content_type": "text/html; charset=utf-8", "immutable": false},
        {"path": "/app.js", "file": "app.js", "content_type": "text/javascript", "immutable": true}]})");
    write("index.html", "<p>");
    write("app.js", "plain");
    write("app.js.gz", "packed");
    write("secret", "x");
    const auto files = StaticFiles::read(folder_);
    ASSERT_TRUE(files) << files.error().text;
    EXPECT_EQ(*files->find(get("/app.js", "gzip, br"))->body, "packed");
    EXPECT_EQ(*files->find(get("/app.js", "br"))->body, "plain");
    EXPECT_EQ(*files->find(get("/", "gzip"))->body, "<p>");
    EXPECT_EQ(files->find(get("/", "gzip"))->headers.front(), (http::Field{"Cache-Control", "no-cache"}));
    EXPECT_EQ(*files->find(get("/devices/sw-1", ""))->body, "<p>");
    for (const char* none : {"/secret.txt", "/app.css", "/manifest.json", "/api/v1/nothing", "/metrics/x"})
        EXPECT_EQ(files->find(get(none, "")), nullptr) << none;
}

TEST_F(FilesTest, RefusesAManifestThatLeadsOutside) {
    EXPECT_EQ(StaticFiles::read(folder_).error().code, ErrorCode::not_found);
    for (const char* wrong :
         {"", "[]", "{}", R"({"files": [7]})", R"({"files": [{"path": "/", "file": "../../etc/passwd"}]})",
          R"({"files": [{"path": "/", "file": "/etc/passwd"}]})", R"({"files": [{"path": "/"}]})"}) {
        write("manifest.json", wrong);
        const auto files = StaticFiles::read(folder_);
        ASSERT_FALSE(files) << wrong;
        EXPECT_EQ(files.error().code, ErrorCode::malformed) << wrong;
    }
}

}  // namespace
}  // namespace outstation::webd
