// SPDX-License-Identifier: GPL-3.0-or-later
// How far a sweep is, so that it goes on after a restart.
#pragma once

#include "daemons/polld/background_file.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::polld {

using SweepFile = MessageFile<wire::SweepState>;

}  // namespace outstation::polld
