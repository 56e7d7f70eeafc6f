// SPDX-License-Identifier: GPL-3.0-or-later
// The packs that polld uses: read at start and at each reload. A pack with a mistake is refused with file,
// line and column, and what that file said when it was right last goes on being used. Kept in memory is by
// which devices packs are meant; the rest of a pack only as long as a device has it, once for all that do,
// and so are plans. Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemons/polld/pack_plan.hpp"
#include "drivers/pack/library.hpp"
#include "lib/model/result.hpp"

namespace outstation::polld {

class PackShelf {
  public:
    // Mistakes, one text a line; an empty list: all packs are right. A file that cannot be read is one. Fails
    // with io when the folder cannot be read, and changes nothing then.
    [[nodiscard]] Result<std::vector<std::string>> read(const std::string& folder);
    // The same with texts at hand, by file name.
    std::vector<std::string> take(std::map<std::string, std::string> texts);

    // Never null; another one only when a text is another.
    [[nodiscard]] std::shared_ptr<const pack::Library> cards() const { return cards_; }
    [[nodiscard]] const std::set<pack::Oid>& probes() const { return probes_; }
    // The packs of a device, whole. They stay as they are over a reload.
    [[nodiscard]] std::vector<pack::Choice> choose(const pack::Values& values);
    [[nodiscard]] std::shared_ptr<const PackPlan> plan_to_look();
    [[nodiscard]] std::shared_ptr<const PackPlan> plan_to_read(const pack::Needs& needs);

  private:
    using Key = std::pair<std::set<pack::Oid>, std::set<pack::Oid>>;  // values and columns
    [[nodiscard]] std::shared_ptr<const pack::Pack> whole(const std::string& file);

    std::shared_ptr<const pack::Library> cards_ = std::make_shared<pack::Library>();
    std::set<pack::Oid> probes_;
    std::map<std::string, std::string> good_;                       // texts without a mistake
    std::map<std::string, std::weak_ptr<const pack::Pack>> whole_;  // by file
    std::weak_ptr<const PackPlan> look_;
    std::map<Key, std::weak_ptr<const PackPlan>> plans_;
};

}  // namespace outstation::polld
