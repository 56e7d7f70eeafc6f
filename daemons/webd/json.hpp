// SPDX-License-Identifier: GPL-3.0-or-later
// Making JSON: the only header that names nlohmann-json; included by .cpp files only.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemons/webd/text.hpp"

namespace outstation::webd {

using Json = nlohmann::ordered_json;

// Device text; null when there is none.
[[nodiscard]] inline Json json_text(std::string_view text) {
    return text.empty() ? Json(nullptr) : Json(clean_text(text));
}
[[nodiscard]] inline Json json_texts(const std::vector<std::string>& texts) {
    Json out = Json::array();
    for (const std::string& text : texts) out.push_back(clean_text(text));
    return out;
}
[[nodiscard]] inline Json json_time(std::int64_t wall_ns) {
    auto text = format_time(wall_ns);
    return text ? Json(std::move(*text)) : Json(nullptr);
}
// JSON has no NaN and no infinity: they are not known.
[[nodiscard]] inline Json json_number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}
template <typename T>
[[nodiscard]] Json json_number(const std::optional<T>& value) {
    if (!value) return nullptr;
    if constexpr (std::is_floating_point_v<T>) {
        return json_number(*value);
    } else {
        return Json(*value);
    }
}
[[nodiscard]] inline std::string write_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace outstation::webd
