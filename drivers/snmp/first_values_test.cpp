// SPDX-License-Identifier: GPL-3.0-or-later
// Asking whether anything is there below many OIDs at once.
#include <gtest/gtest.h>

#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

class FirstValues : public testing::Test {
  protected:
    FirstValues() {
        auto plan = std::make_shared<Plan>();
        plan->tables.emplace_back();
        plan->tables[0].first_only = true;
        for (int i = 1; i <= 50; ++i) {
            plan->tables[0].columns.push_back(oid("1.3.6.1.4.1." + std::to_string(i)));
            if (i % 2 == 0) continue;
            for (const char* below : {".1.7", ".9.0"})
                network_.mib[oid("1.3.6.1.4.1." + std::to_string(i) + below)] = {Tag::integer,
                                                                                 encode_number(1)};
        }
        plan_ = std::move(plan);
    }
    // The columns, from 1, that have something; and the number of requests.
    std::pair<std::vector<std::size_t>, std::uint32_t> poll(Version version) {
        std::pair<std::vector<std::size_t>, std::uint32_t> out;
        const auto device = engine_.add({*Address::parse("192.0.2.1", 161), {version, "public"}});
        engine_.poll(device, plan_, 60s, [&](Engine::DeviceId, const Cycle& cycle) {
            EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
            const TableRows& table = cycle.tables[0];
            for (std::size_t column = 0; column < 50; ++column) {
                std::size_t values = 0;
                for (std::size_t row = 0; row < table.rows(); ++row)
                    values += table.cells[row * 50 + column].present() ? 1 : 0;
                EXPECT_LE(values, 1U);
                if (values > 0) out.first.push_back(column + 1);
            }
            out.second = cycle.requests;
        });
        loop_.advance(60s);
        return out;
    }
    static std::vector<std::size_t> odd() {
        std::vector<std::size_t> out;
        for (std::size_t i = 1; i <= 50; i += 2) out.push_back(i);
        return out;
    }
    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, {}};
    std::shared_ptr<const Plan> plan_;
};

TEST_F(FirstValues, AreReadOfManyOidsWithFewRequests) {
    const auto [found, requests] = poll(Version::v2c);
    EXPECT_EQ(found, odd());
    EXPECT_EQ(requests, 2U);
}

TEST_F(FirstValues, AreReadFromAnAgentOfVersion1AndFromOneWithLittleRoom) {
    EXPECT_EQ(poll(Version::v1).first, odd());
    network_.corrupt = [](const FakeRequest& request, FakeAnswer& answer) {
        if (request.oids.size() <= 4) return false;
        answer.status = 1;  // tooBig
        return true;
    };
    EXPECT_EQ(poll(Version::v2c).first, odd());
}

}  // namespace
}  // namespace outstation::snmp
