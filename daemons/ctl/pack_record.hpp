// SPDX-License-Identifier: GPL-3.0-or-later
// pack record: a device of the station as a recording that may be handed on.
#pragma once

#include <string>

#include "daemons/ctl/outcome.hpp"

namespace outstation::ctl {

struct RecordOptions {
    std::string subject;  // the id of a device, or an address that discovery found
    std::string output;   // empty: SUBJECT.snmprec; "-": standard output
    bool plain = false;   // not redacted
};
// Waits for the end; Ctrl-C cancels it.
[[nodiscard]] int record_device(const Target& target, const RecordOptions& options);

struct RedactOptions {
    std::string folder;  // of packs
    std::string recording;
    std::string output;
};
// The same for a recording that somebody made with something else.
[[nodiscard]] int redact_recording(const Target& target, const RedactOptions& options);

}  // namespace outstation::ctl
