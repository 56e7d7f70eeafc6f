// SPDX-License-Identifier: GPL-3.0-or-later
// Names that repeat.
#include "daemons/polld/interface_identity.hpp"

#include "daemons/polld/device_text.hpp"

namespace outstation::polld {
namespace {

constexpr std::size_t kMostRepeated = 8192;  // a device that renames its ports at every poll begins anew

std::string with_mac(const InterfaceIdentities::One& one) {
    std::string out(one.name);
    out += '\n';
    out += one.mac;
    return out;
}

// ifPhysAddress: no octets where there is none (RFC 2863), zeros with some agents.
bool is_address(const snmp::Cycle& cycle, const snmp::Cell& cell) {
    if (!cell.present() || cell.is_number()) return false;
    return cycle.bytes(cell).find_first_not_of('\0') != std::string_view::npos;
}

}  // namespace

InterfaceTexts interface_texts(const snmp::Cycle& cycle, std::string_view index, const snmp::Cell& name,
                               const snmp::Cell& descr, const snmp::Cell& address) {
    InterfaceTexts out;
    out.name = label_text(cycle, name);
    out.descr = label_text(cycle, descr);
    if (is_address(cycle, address)) out.mac = mac_text(cycle.bytes(address));
    if (out.name.empty()) out.name = out.descr;
    if (out.name.empty()) out.name = out.mac;
    if (out.name.empty()) out.name = snmp::format_index(index);
    return out;
}

void InterfaceIdentities::see(std::span<const One> all) {
    if (repeated_.size() > kMostRepeated) repeated_.clear();
    std::set<std::string> seen;
    for (const One& one : all) {
        if (std::string name(one.name); !seen.insert(name).second) repeated_.insert(std::move(name));
        if (one.mac.empty()) continue;
        if (std::string both = with_mac(one); !seen.insert(both).second) repeated_.insert(std::move(both));
    }
}

InterfaceIdentities::By InterfaceIdentities::of(const One& one) const {
    if (!repeated_.contains(std::string(one.name))) return By::name;
    return one.mac.empty() || repeated_.contains(with_mac(one)) ? By::index : By::mac;
}

std::vector<Label> interface_labels(InterfaceIdentities::By by, const std::string& name,
                                    const std::string& mac, std::string_view index) {
    std::vector<Label> labels = {{"if_name", name}};
    if (by == InterfaceIdentities::By::mac) labels.push_back({"if_mac", mac});
    if (by == InterfaceIdentities::By::index) labels.push_back({"if_index", snmp::format_index(index)});
    return labels;
}

}  // namespace outstation::polld
