// SPDX-License-Identifier: GPL-3.0-or-later
// stored: the single writer of the journal, and who answers from it.
#include "daemons/stored/app.hpp"

int main(int argc, char** argv) {
    const outstation::runtime::Daemon daemon{
        "stored",
        "Outstation: keeps every record durably and answers from what it keeps.",
        [] { return std::make_unique<outstation::stored::App>(); },
        {"outstation-confd", "outstation-authd", "outstation-polld", "outstation-webd", "outstation-alertd"},
        true,
    };
    return outstation::runtime::run(daemon, argc, argv);
}
