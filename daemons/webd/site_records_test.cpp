// SPDX-License-Identifier: GPL-3.0-or-later
// What the API answers about records that are there and about those that are not: events, the gap ledger,
// damage, how far back history goes.
#include "daemons/webd/site_test.hpp"

namespace outstation::webd {
namespace {

TEST_F(SiteTest, RangesSayWhatTheDiskCannotGiveAnyMore) {
    EXPECT_TRUE(get("/api/v1/range?series=6&from=6000&to=6270&step=30").json()["damaged"].empty());
    damaged_ = wire::DamagedSpan{3'060'000'000'000, 3'070'500'000'000, 7, 8};
    const Json range = get("/api/v1/range?series=6&from=3000&to=3270&step=30").json();
    EXPECT_GE(ranges_asked_, 3);
    ASSERT_EQ(range["damaged"].size(), 1U);
    EXPECT_EQ(range["damaged"][0]["from"], 3060.0);
    EXPECT_EQ(range["damaged"][0]["to"], 3070.5);
}

TEST_F(SiteTest, EventsArePagedBySequence) {
    const Json first = get("/api/v1/events?limit=1").json();
    EXPECT_EQ(first["items"][0]["sequence"], 9);
    EXPECT_EQ(first["next"], "7");
    EXPECT_EQ(first["items"][0]["device_name"], "ups-1");
    // An answer of stored that has none of them is not the last one.
    const Json second = get("/api/v1/events?limit=1&cursor=7").json();
    ASSERT_EQ(second["items"].size(), 1U);
    EXPECT_EQ(second["items"][0]["sequence"], 4);
    EXPECT_TRUE(second["next"].is_null());
    EXPECT_EQ(get("/api/v1/events").json()["items"].size(), 2U);
    EXPECT_EQ(get("/api/v1/overview").json()["events"].size(), 2U);
}

TEST_F(SiteTest, TheLedgerSaysWhatIsMissingAndWhatIsNotOver) {
    const Json first = get("/api/v1/ledger?limit=1").json();
    ASSERT_EQ(first["items"].size(), 2U);
    EXPECT_TRUE(first["items"][0]["sequence"].is_null());
    EXPECT_TRUE(first["items"][0]["to"].is_null());
    EXPECT_EQ(first["items"][0]["reason"], "device_down");
    EXPECT_EQ(first["items"][0]["device"], "ups-1");
    EXPECT_EQ(first["items"][1]["account"], "dropped");
    EXPECT_TRUE(first["items"][1]["device"].is_null());
    EXPECT_TRUE(first["items"][1]["step_s"].is_null());
    EXPECT_EQ(first["items"][1]["last_sequence"], 5);
    EXPECT_EQ(first["next"], "8");
    const Json second = get("/api/v1/ledger?limit=2&cursor=8").json();
    ASSERT_EQ(second["items"].size(), 2U);
    EXPECT_EQ(second["items"][0]["account"], "thinned");
    EXPECT_EQ(second["items"][0]["step_s"], 60);
    EXPECT_EQ(second["next"], "6");
    EXPECT_TRUE(get("/api/v1/ledger?cursor=1").json()["items"].empty());
}

TEST_F(SiteTest, TheLedgerIsFilteredByAccountAndPagedAllTheSame) {
    std::string all;
    std::string cursor;
    for (int page = 0; page < 20; ++page) {
        const Json list = get("/api/v1/ledger?account=dropped&limit=2" + cursor).json();
        EXPECT_LE(list["items"].size(), 2U);
        for (const Json& item : list["items"]) all += item["sequence"].dump() + " ";
        if (list["next"].is_null()) break;
        cursor = "&cursor=" + list["next"].get<std::string>();
    }
    EXPECT_EQ(all, "8 6 5 3 2 1 ");
    const Json damaged = get("/api/v1/ledger?account=damaged").json();  // in the second answer of stored
    ASSERT_EQ(damaged["items"].size(), 1U);
    EXPECT_EQ(damaged["items"][0]["sequence"], 4);
    EXPECT_TRUE(damaged["next"].is_null());
    EXPECT_EQ(get("/api/v1/ledger?account=not_collected").json()["items"].size(), 1U);
    EXPECT_EQ(get("/api/v1/ledger?account=lost").status, 400);
}

TEST_F(SiteTest, ASearchInALongLedgerEndsAndCanGoOn) {
    wire::StoredLedger entry = ledger_.back();
    ledger_.clear();
    for (std::uint64_t sequence = 100; sequence > 0; --sequence) {
        entry.sequence = sequence;
        entry.record.account = sequence == 1 ? wire::Account::damaged : wire::Account::dropped;
        ledger_.push_back(entry);
    }
    const Json first = get("/api/v1/ledger?account=damaged").json();
    EXPECT_TRUE(first["items"].empty());
    EXPECT_EQ(ledgers_asked_, 8);
    std::string next = first["next"].get<std::string>();
    Json page;
    for (int pages = 0; pages < 20 && !next.empty(); ++pages) {
        page = get("/api/v1/ledger?account=damaged&cursor=" + next).json();
        next = page["next"].is_null() ? "" : page["next"].get<std::string>();
    }
    ASSERT_EQ(page["items"].size(), 1U);
    EXPECT_EQ(page["items"][0]["sequence"], 1);
}

TEST_F(SiteTest, ListsSayWhatTheDiskCannotGiveAnyMore) {
    EXPECT_TRUE(get("/api/v1/events").json()["damaged"].empty());
    EXPECT_TRUE(get("/api/v1/ledger").json()["damaged"].empty());
    EXPECT_TRUE(get("/api/v1/overview").json()["damaged"].empty());
    damaged_ = wire::DamagedSpan{3'060'000'000'000, 0, 7, 8};
    loop_->forward(2s);
    EXPECT_EQ(get("/api/v1/overview").json()["damaged"].size(), 1U);
    for (const char* path : {"/api/v1/events?limit=2", "/api/v1/ledger?account=damaged&limit=2"}) {
        const Reply reply = get(path);
        record(std::string("damaged-") + (path[8] == 'e' ? "events" : "ledger"), "get",
               std::string(path).substr(0, 14), reply);
        const Json damaged = reply.json()["damaged"];
        ASSERT_EQ(damaged.size(), 1U) << path;
        EXPECT_EQ(damaged[0]["from"], "1970-01-01T00:51:00.000Z");
        EXPECT_TRUE(damaged[0]["to"].is_null());
        EXPECT_EQ(damaged[0]["first_sequence"], 7);
        EXPECT_EQ(damaged[0]["last_sequence"], 8);
    }
}

TEST_F(SiteTest, TheStationTellsHowFarBackHistoryGoes) {
    const Json store = get("/api/v1/station").json()["store"];
    ASSERT_EQ(store["history"].size(), 2U);  // what this version does not know is left out
    EXPECT_EQ(store["history"][0]["level"], "raw");
    EXPECT_EQ(store["history"][0]["bytes"], 4000);
    EXPECT_EQ(store["history"][0]["files"], 12);
    EXPECT_EQ(store["history"][1]["level"], "h1");
    EXPECT_EQ(store["history"][1]["from"], json_time(now_ns_ - 400 * kDay));
    EXPECT_EQ(store["history"][1]["to"], json_time(now_ns_ - 7200 * kSecond));
    EXPECT_EQ(store["state_bytes"], 77);
    EXPECT_EQ(store["damaged_places"], 2);
    EXPECT_EQ(store["impossible_stamps"], 5);
    EXPECT_TRUE(store["failing"].is_null());
    failing_ = "history/raw.new: input/output error";
    loop_->forward(2s);
    const Json failing = get("/api/v1/station").json()["store"]["failing"];
    EXPECT_EQ(failing["since"], json_time(now_ns_));
    EXPECT_EQ(failing["reason"], failing_);
}

}  // namespace
}  // namespace outstation::webd
