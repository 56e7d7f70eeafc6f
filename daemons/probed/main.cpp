// SPDX-License-Identifier: GPL-3.0-or-later
// probed: looks whether anything answers at addresses, for those who ask.
#include "daemons/probed/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "probed",
        "Outstation: looks what answers at addresses, by ping and by port.",
        [] { return std::make_unique<outstation::probed::App>(); },
        {"outstation-polld"},
        true,
    };
    return outstation::runtime::run(daemon, argc, argv);
}
