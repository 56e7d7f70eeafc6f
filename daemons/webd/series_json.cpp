// SPDX-License-Identifier: GPL-3.0-or-later
// Units and labels.
#include "daemons/webd/series_json.hpp"

namespace outstation::webd {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kUnits[] = {"bits_per_second", "octets",  "bytes", "seconds", "ratio", "celsius",
                                       "volts",           "amperes", "watts", "hertz",   "rpm",   "cmm",
                                       "packets",         "errors"};

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::string_view unit_of(std::string_view metric) {
    if (ends_with(metric, kTotal)) metric.remove_suffix(kTotal.size());
    for (const std::string_view unit : kUnits) {
        if (ends_with(metric, unit) && metric[metric.size() - unit.size() - 1] == '_') return unit;
    }
    return "none";
}

Json labels_json(const wire::SeriesDef& series) {
    Json json = Json::object();
    for (const wire::WireLabel& label : series.labels) json[clean_text(label.name)] = clean_text(label.value);
    return json;
}

}  // namespace outstation::webd
