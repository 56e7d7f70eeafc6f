// SPDX-License-Identifier: GPL-3.0-or-later
// OpenMetrics families and points.
#include "daemons/webd/metrics_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "daemons/webd/text.hpp"
#include "lib/runtime/metrics.hpp"

namespace outstation::webd {
namespace {

constexpr std::string_view kTotal = "_total";

// ABNF of OpenMetrics 1.0: a letter or "_" (":" only in metric names), then digits too.
bool is_name(std::string_view name, bool label) {
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
    return std::all_of(name.begin(), name.end(), [label](unsigned char c) {
        return (c < 0x80 && std::isalnum(c) != 0) || c == '_' || (c == ':' && !label);
    });
}

std::vector<Label> labels_of(const wire::SeriesDef& series) {
    std::vector<Label> labels{{"device", clean_text(series.device)}};
    for (const wire::WireLabel& label : series.labels) {
        if (is_name(label.name, true) && label.name != "device")
            labels.push_back({label.name, clean_text(label.value)});
    }
    return labels;
}

std::string family_of(const wire::SeriesDef& series) {
    const std::string& metric = series.metric;
    const bool total = metric.size() > kTotal.size() &&
                       metric.compare(metric.size() - kTotal.size(), kTotal.size(), kTotal) == 0;
    return series.kind == SeriesKind::counter && total ? metric.substr(0, metric.size() - kTotal.size())
                                                       : metric;
}

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

// "# TYPE name gauge": the name, or nothing for other lines.
std::string_view name_of_head(std::string_view line) {
    for (const std::string_view word : {"# TYPE ", "# HELP ", "# UNIT "}) {
        if (line.substr(0, word.size()) != word) continue;
        line.remove_prefix(word.size());
        return line.substr(0, line.find(' '));
    }
    return {};
}

}  // namespace

void MetricsPage::add(const wire::LatestRow& row, std::int64_t oldest_ns) {
    if (row.wall_ns < oldest_ns || row.wall_ns <= 0 || !is_name(row.series.metric, false)) return;
    const bool counter = row.series.kind == SeriesKind::counter;
    const std::string name = family_of(row.series);
    Family& family = families_[name];
    if (family.head.empty()) family.head = fmt::format("# TYPE {} {}\n", name, counter ? "counter" : "gauge");
    std::string& out = family.points;
    out += name;
    if (counter) out += kTotal;
    runtime::append_labels(out, labels_of(row.series));
    out += ' ';
    if (counter) {
        fmt::format_to(std::back_inserter(out), "{}", row.counter);
    } else {
        runtime::append_number(out, row.gauge);
    }
    fmt::format_to(std::back_inserter(out), " {}.{:03}\n", row.wall_ns / 1'000'000'000,
                   row.wall_ns / 1'000'000 % 1000);
}

void MetricsPage::add(std::string_view text) {
    Family* family = nullptr;
    bool known = false;
    std::string current;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty() || line == "# EOF") continue;
        const std::string_view name = name_of_head(line);
        if (name.empty()) {
            if (family != nullptr) family->points += std::string(line) + "\n";
            continue;
        }
        if (name != current) {
            current = name;
            family = &families_[current];
            known = !family->head.empty();
        }
        if (!known) family->head += std::string(line) + "\n";
    }
}

std::string MetricsPage::text() const {
    std::string text;
    for (const auto& [name, family] : families_) {
        if (!family.points.empty()) text += family.head + family.points;
    }
    return text + "# EOF\n";
}

}  // namespace outstation::webd
