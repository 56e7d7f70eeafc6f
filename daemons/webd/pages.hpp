// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of a daemon that come page by page. Threads: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "daemons/webd/site.hpp"

namespace outstation::webd {

inline constexpr std::size_t kMostPages = 64;  // of 5000 rows: five times the largest edge station

// `known` is false when the daemon has never answered this; `fresh` when all pages are of now.
template <typename Reply>
struct Pages {
    std::vector<std::shared_ptr<const Reply>> pages{};
    bool known = false;
    bool fresh = true;
    Error error{ErrorCode::io, "not asked"};
};

// `advance` makes the request the one for the page behind this reply; false: that was the last.
template <typename Reply, typename Request>
struct PageWalk {
    Upstream& daemon;
    Request request;
    bool (*advance)(Request&, const Reply&);
    Duration share_for;
    std::function<void(Pages<Reply>)> callback;
    Pages<Reply> out{};

    static void step(const std::shared_ptr<PageWalk>& walk) {
        walk->daemon.template ask<Reply>(
            walk->request,
            [walk](Seen<Reply> seen) {
                Pages<Reply>& got = walk->out;
                got.fresh = got.fresh && seen.fresh;
                got.error = seen.error;
                got.known = got.known || seen.value != nullptr;
                if (seen.value) got.pages.push_back(seen.value);
                const bool more =
                    seen.value && got.pages.size() < kMostPages && walk->advance(walk->request, *seen.value);
                if (more) return step(walk);
                walk->callback(std::move(got));
            },
            walk->share_for);
    }
};

template <typename Reply, typename Request>
void ask_pages(PageWalk<Reply, Request> walk) {
    using Walk = PageWalk<Reply, Request>;
    Walk::step(std::make_shared<Walk>(std::move(walk)));
}

}  // namespace outstation::webd
