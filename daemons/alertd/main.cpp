// SPDX-License-Identifier: GPL-3.0-or-later
// alertd: evaluates the rules of alarms on the journal's tail and keeps the alarms.
#include "daemons/alertd/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "alertd",
        "Outstation: raises, keeps and clears alarms.",
        [] { return std::make_unique<outstation::alertd::App>(); },
        {"outstation-webd"},
    };
    return outstation::runtime::run(daemon, argc, argv);
}
