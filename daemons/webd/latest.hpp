// SPDX-License-Identifier: GPL-3.0-or-later
// Latest values of many series, fetched page by page. Threads: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemons/webd/pages.hpp"

namespace outstation::webd {

// Rows in the order of series ids.
struct Rows : Pages<wire::LatestReply> {
    template <typename F>
    void each(F&& visit) const {
        for (const auto& page : pages) {
            for (const wire::LatestRow& row : page->rows) visit(row);
        }
    }
};

void ask_latest(Site& site, const wire::LatestRequest& request, std::function<void(Rows)> callback);
// Empty device: all devices; empty metric: all metrics.
void ask_latest(Site& site, const std::string& device, const std::string& metric,
                std::function<void(Rows)> callback);
// As one unit of a join.
void ask_latest(Site& site, const std::string& device, const std::string& metric, Rows& into,
                const std::shared_ptr<void>& keeper, const std::shared_ptr<Join>& join);

// The label's value; empty when there is none.
[[nodiscard]] const std::string& label_of(const wire::SeriesDef& series, std::string_view name);

}  // namespace outstation::webd
