// SPDX-License-Identifier: GPL-3.0-or-later
// What the shipped packs make of tables of neighbours. Runs in the root of the source.
#include <algorithm>

#include "drivers/pack/pack_test.hpp"

namespace outstation::pack {
namespace {

// "protocol port name port id address", sorted.
std::vector<std::string> links_in(const std::string& lines) {
    static const auto kLibrary = read_packs({"drivers/packs/snmp"});
    if (!kLibrary) return {kLibrary.error().text};
    const Recording recording =
        recording_of("1.3.6.1.2.1.31.1.1.1.1.7|4|GE0/7\n1.3.6.1.2.1.31.1.1.1.1.8|4|GE0/8\n" + lines);
    std::vector<std::string> out;
    for (const Link& link : evaluate(choose_packs(*kLibrary, recording.values), recording.values).links)
        out.push_back(link.protocol + " " + link.local_port + " " + link.remote_name + " " +
                      link.remote_port + " " + link.remote_id + " " + link.remote_address);
    std::sort(out.begin(), out.end());
    return out;
}

using Texts = std::vector<std::string>;

TEST(NeighbourPacks, LldpTellsChassisAndManagementAddress) {
    EXPECT_EQ(
        links_in("1.0.8802.1.1.2.1.3.2.0|4x|0200000000aa\n"
                 "1.0.8802.1.1.2.1.4.1.1.5.0.7.1|4x|0200000000bb\n1.0.8802.1.1.2.1.4.1.1.7.0.7.1|4|XGE1\n"
                 "1.0.8802.1.1.2.1.4.1.1.9.0.7.1|4|core\n"
                 "1.0.8802.1.1.2.1.4.2.1.3.0.7.1.1.4.192.0.2.1|2|2\n"),
        (Texts{"lldp GE0/7   02:00:00:00:00:bb 192.0.2.1", "lldp GE0/7 core XGE1 02:00:00:00:00:bb ",
               "own    02:00:00:00:00:aa "}));
}

TEST(NeighbourPacks, ANumberIsNobodysName) {
    EXPECT_EQ(
        links_in(
            "1.0.8802.1.1.2.1.4.1.1.5.0.9.1|4x|0200000000bb\n1.0.8802.1.1.2.1.4.1.1.7.0.9.1|2|195936478\n"
            "1.0.8802.1.1.2.1.4.1.1.9.0.9.1|2|195936478\n1.3.6.1.2.1.31.1.1.1.1.9|2|195936478\n"),
        (Texts{"lldp  02:00:00:00:00:bb  02:00:00:00:00:bb "}));
}

TEST(NeighbourPacks, CdpTellsTheAddress) {
    EXPECT_EQ(
        links_in("1.3.6.1.4.1.9.9.23.1.2.1.1.4.7.1|4x|c0000201\n1.3.6.1.4.1.9.9.23.1.2.1.1.6.7.1|4|core\n"
                 "1.3.6.1.4.1.9.9.23.1.2.1.1.7.7.1|4|Gi1/0/1\n"),
        (Texts{"cdp GE0/7 core Gi1/0/1  192.0.2.1"}));
}

TEST(NeighbourPacks, ABridgeTellsWhatItLearned) {
    EXPECT_EQ(
        links_in(
            "1.3.6.1.2.1.17.1.1.0|4x|0200000000aa\n1.3.6.1.2.1.17.1.4.1.2.3|2|7\n1.3.6.1.2.1.17.1.4.1.2.4|2|"
            "8\n"
            "1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.5|2|3\n1.3.6.1.2.1.17.4.3.1.3.2.0.0.0.0.5|2|3\n"
            "1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.170|2|0\n1.3.6.1.2.1.17.4.3.1.3.2.0.0.0.0.170|2|4\n"
            "1.3.6.1.2.1.17.7.1.2.2.1.2.10.2.0.0.0.0.6|2|4\n1.3.6.1.2.1.17.7.1.2.2.1.3.10.2.0.0.0.0.6|2|3\n"),
        (Texts{"fdb GE0/7   02:00:00:00:00:05 ", "fdb GE0/8   02:00:00:00:00:06 ",
               "own    02:00:00:00:00:aa "}));
}

TEST(NeighbourPacks, AddressesAndArp) {
    EXPECT_EQ(
        links_in("1.3.6.1.2.1.4.20.1.2.192.0.2.1|2|7\n1.3.6.1.2.1.2.2.1.6.7|4x|0200000000aa\n1.3.6.1.2.1.2.2."
                 "1.6.8|4x|000000000000\n"
                 "1.3.6.1.2.1.4.22.1.2.8.192.0.2.9|4x|303132333435\n1.3.6.1.2.1.4.22.1.4.8.192.0.2.9|2|3\n"
                 "1.3.6.1.2.1.4.22.1.2.8.192.0.2.8|4x|0200000000cc\n1.3.6.1.2.1.4.22.1.4.8.192.0.2.8|2|2\n"
                 "1.3.6.1.2.1.4.35.1.4.7.1.4.192.0.2.7|4x|0200000000dd\n"),
        (Texts{"arp GE0/7   02:00:00:00:00:dd 192.0.2.7", "arp GE0/8   30:31:32:33:34:35 192.0.2.9",
               "own GE0/7    192.0.2.1", "own GE0/7   02:00:00:00:00:aa "}));
}

TEST(NeighbourPacks, RoutingNeighboursThatAreUp) {
    EXPECT_EQ(links_in("1.3.6.1.2.1.14.10.1.6.192.0.2.2.7|2|8\n1.3.6.1.2.1.14.10.1.6.192.0.2.3.7|2|1\n"
                       "1.3.6.1.2.1.15.3.1.2.198.51.100.1|2|6\n1.3.6.1.2.1.15.3.1.2.198.51.100.2|2|3\n"),
              (Texts{"bgp     198.51.100.1", "ospf GE0/7    192.0.2.2"}));
}

}  // namespace
}  // namespace outstation::pack
