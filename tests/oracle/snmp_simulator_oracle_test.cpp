// SPDX-License-Identifier: GPL-3.0-or-later
// The simulator asked by Net-SNMP's own tools: walks in every version are the recording, and users of every
// pair of algorithms are understood.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "tests/sim/server.hpp"
#include "tests/sim/snmprec.hpp"

namespace outstation::oracle {
namespace {

using namespace snmp;

constexpr char kAuthPhrase[] = "of the signature";
constexpr char kPrivPhrase[] = "of what is secret";
// Names of Net-SNMP's tools, in the order of our enumerations.
constexpr const char* kAuthNames[] = {"", "MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
constexpr const char* kPrivNames[] = {"", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"};

std::string recording_text() {
    std::string text =
        "1.3.6.1.2.1.1.1.0|4|a device\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.32473.1\n"
        "1.3.6.1.2.1.1.3.0|67|4711\n1.3.6.1.2.1.1.9.1|64|192.0.2.7\n1.3.6.1.2.1.1.9.2|2|-5\n";
    for (int i = 1; i <= 300; ++i) {
        const std::string index = std::to_string(i * 7);
        text += "1.3.6.1.2.1.2.2.1.2." + index + "|4|port " + index + "\n";
        text += "1.3.6.1.2.1.2.2.1.10." + index + "|65|" +
                std::to_string(4'000'000'000U + static_cast<unsigned>(i)) + "\n";
        text += "1.3.6.1.2.1.31.1.1.1.6." + index + "|70|" +
                std::to_string(18'000'000'000'000'000'000U + static_cast<unsigned>(i)) + "\n";
    }
    text += "1.3.6.1.4.1.32473.9.0|2|1\n";  // behind what is walked
    return text;
}

sim::Users all_users() {
    sim::Users out = {UsmUser::make("user00", AuthProtocol::none, "", PrivProtocol::none, "").value()};
    for (int auth = 1; auth <= 6; ++auth) {
        for (int priv = 0; priv <= 6; ++priv)
            out.push_back(UsmUser::make("user" + std::to_string(auth) + std::to_string(priv),
                                        static_cast<AuthProtocol>(auth), kAuthPhrase,
                                        static_cast<PrivProtocol>(priv), kPrivPhrase)
                              .value());
    }
    return out;
}

// The simulator on a thread of its own.
class Played {
  public:
    Played() : loop_(std::move(*make_epoll_loop())) {
        if (mkdtemp(folder_.data()) == nullptr) std::abort();
        // The tools tell what they make, once: here and not between the values.
        std::filesystem::create_directory(folder_ + "/cert_indexes");
        const auto mib = std::make_shared<const sim::Mib>(sim::parse_snmprec(recording_text()).mib);
        for (port_ = 26161; port_ < 26261 && !server_; ++port_) {
            sim::Device device{"played", "127.62.0.1", port_, mib};
            auto server = sim::Server::start(*loop_, {device}, {"public", all_users()});
            if (server) server_ = std::move(*server);
        }
        --port_;
        thread_ = std::thread([this] { loop_->run(); });
    }
    ~Played() {
        loop_->post([this] { loop_->stop(); });
        thread_.join();
        std::filesystem::remove_all(folder_);
    }
    Played(const Played&) = delete;
    Played& operator=(const Played&) = delete;
    // What a tool prints.
    [[nodiscard]] std::string run(const std::string& tool, const std::string& options,
                                  const std::string& oid) const {
        const std::string command = "MIBS= SNMPCONFPATH=" + folder_ + " SNMP_PERSISTENT_DIR=" + folder_ +
                                    " " + tool + " -On -Oe -OU -t 20 -r 1 " + options +
                                    " 127.62.0.1:" + std::to_string(port_) + " " + oid + " 2>&1";
        FILE* const pipe = popen(command.c_str(), "r");
        std::string out;
        char buffer[4096];
        std::size_t n = 0;
        while (pipe != nullptr && (n = fread(buffer, 1, sizeof buffer, pipe)) > 0) out.append(buffer, n);
        if (pipe != nullptr) pclose(pipe);
        return out;
    }

  private:
    std::string folder_ = (std::filesystem::temp_directory_path() / "snmp-tools-XXXXXX").string();
    std::unique_ptr<Loop> loop_;
    std::unique_ptr<sim::Server> server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

std::string user_options(int auth, int priv) {
    std::string out = "-v3 -u user" + std::to_string(auth) + std::to_string(priv);
    out += auth == 0 ? " -l noAuthNoPriv" : priv == 0 ? " -l authNoPriv" : " -l authPriv";
    if (auth > 0) out += std::string(" -a ") + kAuthNames[auth] + " -A '" + kAuthPhrase + "'";
    if (priv > 0) out += std::string(" -x ") + kPrivNames[priv] + " -X '" + kPrivPhrase + "'";
    return out;
}

class SimulatorOracle : public testing::Test {
  protected:
    void SetUp() override {
        if (access("/usr/bin/snmpbulkwalk", X_OK) != 0) GTEST_SKIP() << "Net-SNMP's tools are not installed";
        played_ = std::make_unique<Played>();
    }
    std::unique_ptr<Played> played_;
};

TEST_F(SimulatorOracle, WalksInEveryVersionAreTheRecording) {
    const std::string walked = played_->run("snmpwalk", "-v2c -c public", ".1.3.6.1.2.1");
    EXPECT_EQ(std::count(walked.begin(), walked.end(), '\n'), 5 + 3 * 300) << walked.substr(0, 500);
    for (const char* expected :
         {".1.3.6.1.2.1.1.1.0 = STRING: \"a device\"\n", ".1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.32473.1\n",
          ".1.3.6.1.2.1.1.3.0 = Timeticks: (4711) 0:00:47.11\n",
          ".1.3.6.1.2.1.1.9.1 = IpAddress: 192.0.2.7\n", ".1.3.6.1.2.1.1.9.2 = INTEGER: -5\n",
          ".1.3.6.1.2.1.2.2.1.10.2100 = Counter32: 4000000300\n",
          ".1.3.6.1.2.1.31.1.1.1.6.7 = Counter64: 18000000000000000001\n"})
        EXPECT_NE(walked.find(expected), std::string::npos) << expected;
    EXPECT_EQ(played_->run("snmpbulkwalk", "-v2c -c public -Cr50", ".1.3.6.1.2.1"), walked);
    for (const auto& [auth, priv] : {std::pair{0, 0}, std::pair{2, 0}, std::pair{4, 2}})
        EXPECT_EQ(played_->run("snmpbulkwalk", user_options(auth, priv), ".1.3.6.1.2.1"), walked)
            << auth << priv;
    // v1 has no Counter64 (RFC 3584 section 4.2.2.1).
    const std::string as_v1 = played_->run("snmpwalk", "-v1 -c public", ".1.3.6.1.2.1");
    EXPECT_EQ(as_v1.find("End of MIB"), std::string::npos);
    EXPECT_EQ(std::count(as_v1.begin(), as_v1.end(), '\n'), 5 + 2 * 300);
    EXPECT_EQ(as_v1, walked.substr(0, as_v1.size()));
}

TEST_F(SimulatorOracle, GetBulkAsItIsAsked) {
    const std::string out = played_->run("snmpbulkget", "-v2c -c public -Cn1 -Cr2",
                                         ".1.3.6.1.2.1.1.1 .1.3.6.1.2.1.2.2.1.2 .1.3.6.1.2.1.2.2.1.10");
    EXPECT_EQ(
        out,
        ".1.3.6.1.2.1.1.1.0 = STRING: \"a device\"\n.1.3.6.1.2.1.2.2.1.2.7 = STRING: \"port 7\"\n"
        ".1.3.6.1.2.1.2.2.1.10.7 = Counter32: 4000000001\n.1.3.6.1.2.1.2.2.1.2.14 = STRING: \"port 14\"\n"
        ".1.3.6.1.2.1.2.2.1.10.14 = Counter32: 4000000002\n");
}

TEST_F(SimulatorOracle, UsersOfEveryPairOfAlgorithms) {
    for (int auth = 0; auth <= 6; ++auth) {
        for (int priv = 0; priv <= (auth == 0 ? 0 : 6); ++priv)
            EXPECT_EQ(played_->run("snmpget", user_options(auth, priv), ".1.3.6.1.2.1.1.1.0"),
                      ".1.3.6.1.2.1.1.1.0 = STRING: \"a device\"\n")
                << kAuthNames[auth] << " " << kPrivNames[priv];
    }
}

TEST_F(SimulatorOracle, MistakesAreToldAsNetSnmpUnderstandsThem) {
    const auto get = [this](const std::string& options) {
        return played_->run("snmpget", options, ".1.3.6.1.2.1.1.1.0");
    };
    EXPECT_NE(get("-v3 -u nobody -l noAuthNoPriv").find("Unknown user name"), std::string::npos);
    EXPECT_NE(get("-v3 -u user20 -l authNoPriv -a SHA -A 'another phrase'").find("Authentication failure"),
              std::string::npos);
    EXPECT_NE(get("-v3 -u user20 -l authPriv -a SHA -A 'of the signature' -x AES -X 'of what is secret'")
                  .find("Unsupported security level"),
              std::string::npos);
    EXPECT_NE(get("-v3 -u user22 -l authNoPriv -a SHA -A 'of the signature'").find("authorizationError"),
              std::string::npos);
    EXPECT_NE(played_->run("snmpset", "-v2c -c public", ".1.3.6.1.2.1.1.1.0 s x").find("noAccess"),
              std::string::npos);
}

}  // namespace
}  // namespace outstation::oracle
