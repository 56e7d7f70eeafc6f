// SPDX-License-Identifier: GPL-3.0-or-later
// docs/api/openapi.yaml, put into the program by the build.
#pragma once

#include <string_view>

namespace outstation::webd {

extern const std::string_view kOpenApiText;

}  // namespace outstation::webd
