// SPDX-License-Identifier: GPL-3.0-or-later
// webd: the REST API, the metrics page and the web interface.
#include "daemons/webd/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "webd",
        "Outstation: REST API, metrics and web interface over HTTPS.",
        [] { return std::make_unique<outstation::webd::App>(); },
        {},
        true,
    };
    return outstation::runtime::run(daemon, argc, argv);
}
