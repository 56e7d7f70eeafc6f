// SPDX-License-Identifier: GPL-3.0-or-later
// confd: the one writer of configuration. Its --config file is the station's own: station.yaml.
#include "daemons/confd/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "confd",
        "Outstation: holds the effective configuration and the secrets of this station.",
        [] { return std::make_unique<outstation::confd::App>(); },
        {"outstation-stored", "outstation-polld", "outstation-webd", "outstation-alertd"},
        true,
    };
    return outstation::runtime::run(daemon, argc, argv);
}
