// SPDX-License-Identifier: GPL-3.0-or-later
// In which order the addresses of a sweep are asked by SNMP: whoever answers a probe at once, who is silent
// last (a ping may be filtered). Where nobody probes, one after another. Knows no credential. Threads: the
// loop's. Ownership: the prober outlives it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/ipc/client.hpp"
#include "lib/wire/poll_messages.hpp"
#include "lib/wire/probe_messages.hpp"

namespace outstation::polld {

// Who looks what answers.
class ProbeSource {
  public:
    using Answer = std::function<void(Result<wire::ProbeReply>)>;
    virtual ~ProbeSource() = default;
    // Calls back once, never from inside this call.
    virtual void probe(const wire::ProbeRequest& request, Answer answer) = 0;
};

class Reach {
  public:
    struct Turn {
        std::uint32_t number = 0;       // of the addresses of the sweep
        std::vector<std::string> seen;  // how it was seen, in the words of wire::Candidate
    };
    static constexpr std::size_t kBatch = 32;  // addresses in a question
    static constexpr std::size_t kMostQuestions =
        4;  // under way: a probe takes 2 s, at 40 addresses a second
    static constexpr std::size_t kMostSilent = 1024;  // that wait to be asked last

    explicit Reach(ProbeSource* source) : source_(source) {}
    // Anew, from the number `next` of `total`.
    void begin(std::uint32_t next, std::uint32_t total,
               std::function<std::uint32_t(std::uint32_t)> address_at);
    // Whose turn it is; nothing: nobody's yet, or is_done().
    [[nodiscard]] std::optional<Turn> take();
    [[nodiscard]] bool is_done() const;
    // The lowest number that was not taken.
    [[nodiscard]] std::uint32_t next() const;
    // How many were probed, or need not be.
    [[nodiscard]] std::uint32_t probed() const;
    // As wire::SweepStatus has it.
    [[nodiscard]] const std::string& unprobed() const { return run_->unprobed; }
    // What went wrong with probing, each once, for people.
    [[nodiscard]] const std::vector<std::string>& problems() const { return run_->problems; }

  private:
    struct Run {
        std::uint32_t next = 0;  // the first that nobody was asked about
        std::uint32_t total = 0;
        std::function<std::uint32_t(std::uint32_t)> address_at;
        std::map<std::uint32_t, std::uint32_t> asked;  // first and count of the questions under way
        std::deque<Turn> answered;
        std::deque<std::uint32_t> silent;
        bool is_alone = false;  // nobody probes
        std::string unprobed;
        std::vector<std::string> problems;
    };

    void ask_more();
    static void on_reply(Run& run, std::uint32_t first, const Result<wire::ProbeReply>& reply);
    static void on_failed(Run& run, std::uint32_t first, std::uint32_t count, const std::string& why);

    ProbeSource* source_;
    std::shared_ptr<Run> run_ = std::make_shared<Run>();
};

// "ping", "ipmi", "tcp/443", "tcp/443 refused"; at an address of this machine only what cannot be its own.
[[nodiscard]] std::vector<std::string> seen_words(const wire::ProbedAddress& probed);

// The candidate at an address that was seen, but answers no credential. Without a problem when nothing was
// seen.
[[nodiscard]] wire::Candidate make_silent_candidate(std::uint32_t address, std::vector<std::string> seen,
                                                    const std::string& hardware);

class IpcProbeSource : public ProbeSource {
  public:
    explicit IpcProbeSource(ipc::Client& client) : client_(client) {}
    void probe(const wire::ProbeRequest& request, Answer answer) override;

  private:
    ipc::Client& client_;
};

}  // namespace outstation::polld
