// SPDX-License-Identifier: GPL-3.0-or-later
// What packs make of a recording, and what a pack that nobody uses yet would: on the recording, or on the
// device itself, of which nothing is stored then. Threads: the loop's, but for explain_recording() and
// check_draft(), which any may call. Ownership: the parts outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemons/polld/recorder.hpp"

namespace outstation::polld {

// `values` as they were read, `told` as they may be told. Names and serial numbers are not in it.
[[nodiscard]] wire::ExplainReply explain_recording(const std::vector<pack::Choice>& choices,
                                                   const pack::Values& values, const pack::Values& told);

// A draft that was read: the pack, or its mistakes.
struct Draft {
    std::shared_ptr<const pack::Pack> pack;
    std::vector<wire::DraftMistake> mistakes;
};
// `words`: labels in Chinese, of the packs that are used.
[[nodiscard]] Draft check_draft(const std::string& yaml, const std::map<std::string, std::string>& words);

class Workbench {
  public:
    static constexpr std::size_t kMostYaml = 48U << 10;
    static constexpr std::size_t kMostFindings = 500;
    static constexpr Duration kLiveEvery = std::chrono::seconds(5);

    using Answer = std::function<void(Result<wire::DraftReply>)>;
    struct Parts {
        Loop& loop;
        snmp::Engine& engine;
        PackShelf& packs;
        Recorder& recorder;
        // Does `work` where it disturbs nobody, and `then` in the loop; not while it is busy.
        std::function<void(Recorder::Work work, Recorder::Work then)> aside;
        std::function<bool()> is_busy;
    };
    explicit Workbench(Parts parts) : parts_(std::move(parts)) {}
    ~Workbench();
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;

    // One at a time. `order`: how the device may be asked now, when the request is a live one. What it says
    // is redacted as a recording is, and what a recording leaves out is not asked for. Fails with refused,
    // not_found (there is no recording), malformed (it is too long).
    void try_draft(const wire::DraftRequest& request, std::optional<Recorder::Order> order, Answer answer);

  private:
    struct Trial;
    [[nodiscard]] Result<void> may_try(const wire::DraftRequest& request);
    void ask_device(const std::shared_ptr<Trial>& trial);
    void finish(const std::shared_ptr<Trial>& trial);

    Parts parts_;
    MonoTime asked_{};
    std::optional<snmp::Engine::DeviceId> engine_id_;
    bool is_trying_ = false;
};

}  // namespace outstation::polld
