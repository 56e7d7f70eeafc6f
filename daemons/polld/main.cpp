// SPDX-License-Identifier: GPL-3.0-or-later
// polld: polls the room's devices and hands what they say to stored.
#include "daemons/polld/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "polld",
        "Outstation: polls devices by SNMP.",
        [] { return std::make_unique<outstation::polld::App>(); },
        {"outstation-webd"},
    };
    return outstation::runtime::run(daemon, argc, argv);
}
