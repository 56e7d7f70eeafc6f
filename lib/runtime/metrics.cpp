// SPDX-License-Identifier: GPL-3.0-or-later
// OpenMetrics text.
#include "lib/runtime/metrics.hpp"

#include <fmt/format.h>

#include <cmath>

namespace outstation::runtime {

void append_labels(std::string& out, const std::vector<Label>& labels) {
    if (labels.empty()) return;
    char before = '{';
    for (const Label& label : labels) {
        out += before;
        out += label.name;
        out += "=\"";
        for (const char c : label.value) {
            if (c == '\\' || c == '"') out += '\\';
            if (c == '\n') {
                out += "\\n";
            } else {
                out += c;
            }
        }
        out += '"';
        before = ',';
    }
    out += '}';
}

void append_number(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value > 0 ? "+Inf" : "-Inf";
    } else {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
}

void Metrics::head(std::string_view family, std::string_view type, std::string_view help) {
    if (family == last_family_) return;
    last_family_ = family;
    text_ += fmt::format("# TYPE {} {}\n# HELP {} {}\n", family, type, family, help);
}

void Metrics::counter(std::string_view family, std::string_view help, std::uint64_t value,
                      const std::vector<Label>& labels) {
    head(family, "counter", help);
    text_ += family;
    text_ += "_total";
    append_labels(text_, labels);
    text_ += fmt::format(" {}\n", value);
}

void Metrics::gauge(std::string_view family, std::string_view help, double value,
                    const std::vector<Label>& labels) {
    head(family, "gauge", help);
    text_ += family;
    append_labels(text_, labels);
    text_ += ' ';
    append_number(text_, value);
    text_ += '\n';
}

}  // namespace outstation::runtime
