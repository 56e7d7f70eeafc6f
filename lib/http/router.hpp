// SPDX-License-Identifier: GPL-3.0-or-later
// From method and path to the number of a route. It knows nothing of handlers: whoever owns the table of
// routes keeps them. Threads: read-only after the last add().
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/http/message.hpp"

namespace outstation::http {

class Router {
  public:
    struct Match {
        enum class Kind { found, wrong_method, not_found } kind = Kind::not_found;
        std::size_t route = 0;                      // as add() counted them
        std::map<std::string, std::string> params;  // of the pattern
        std::string allow;                          // for wrong_method: the header's value
    };

    // A pattern is a path whose segments are text or "{name}", which takes one non-empty segment. Routes are
    // numbered from 0. A GET route answers HEAD as well.
    void add(Method method, std::string_view pattern);
    [[nodiscard]] Match match(Method method, const std::vector<std::string>& segments) const;

  private:
    struct Route {
        Method method;
        std::vector<std::string> pattern;
    };
    std::vector<Route> routes_;
};

}  // namespace outstation::http
