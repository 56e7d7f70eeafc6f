// SPDX-License-Identifier: GPL-3.0-or-later
// The packs that polld uses: read at start and at each reload. A pack with a mistake is refused with file,
// line and column, and what that file said when it was right last goes on being used. Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "drivers/pack/library.hpp"
#include "lib/model/result.hpp"

namespace outstation::polld {

class PackShelf {
  public:
    // Mistakes, one text a line; an empty list: all packs are right. Fails with io when the folder cannot be
    // read, and changes nothing then.
    [[nodiscard]] Result<std::vector<std::string>> read(const std::string& folder);
    // The same with texts at hand, by file name.
    std::vector<std::string> take(std::map<std::string, std::string> texts);

    // Never null. Whoever holds it may go on with the packs of before a reload.
    [[nodiscard]] std::shared_ptr<const pack::Library> library() const { return library_; }
    [[nodiscard]] const std::set<pack::Oid>& probes() const { return probes_; }

  private:
    std::shared_ptr<const pack::Library> library_ = std::make_shared<pack::Library>();
    std::set<pack::Oid> probes_;
    std::map<std::string, std::string> good_;  // texts without a mistake
};

}  // namespace outstation::polld
