// SPDX-License-Identifier: GPL-3.0-or-later
// authd: local users, sessions and API tokens.
#include "daemons/authd/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "authd",
        "Outstation: knows the users of this station, their sessions and the API tokens.",
        [] { return std::make_unique<outstation::authd::App>(); },
        {"outstation-webd"},
        true,
    };
    return outstation::runtime::run(daemon, argc, argv);
}
