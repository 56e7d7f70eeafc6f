// SPDX-License-Identifier: GPL-3.0-or-later
// Looks for devices in subnets: each address is asked by SNMP with the credentials of its scope, one after
// another, at a bounded rate; who answers is identified by the packs. Credentials go to no address outside
// their scope. A credential that a device refused is not tried there again until it changes, and one that
// three devices in a row refused is left alone for the rest of the sweep: no account is locked out. Who is
// silent, but seen by a probe or in the kernel's table of neighbours, is told too.
// Threads: the loop's. Ownership: the parts outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemons/polld/candidates.hpp"
#include "daemons/polld/credentials.hpp"
#include "daemons/polld/pack_plan.hpp"
#include "daemons/polld/pack_shelf.hpp"
#include "daemons/polld/reach.hpp"
#include "drivers/snmp/engine.hpp"
#include "lib/model/address_range.hpp"

namespace outstation::polld {

class Sweep {
  public:
    struct Scope {
        AddressRange range;
        std::vector<std::string> credentials;  // in the order in which they are tried
        std::uint16_t port = 161;
        bool operator==(const Scope&) const = default;
    };
    struct Parts {
        Loop& loop;
        snmp::Engine& engine;  // its own: a sweep does not slow polling
        PackShelf& packs;
        const Credentials& credentials;
        std::function<std::map<std::uint32_t, std::string>()> neighbours;  // address -> hardware address
        ProbeSource* probes = nullptr;                                     // nobody: by SNMP alone
    };
    static constexpr unsigned kHostsPerSecond = 40;
    static constexpr std::size_t kMostAtOnce = 256;
    static constexpr std::uint32_t kMostAddresses = 65'536;
    static constexpr unsigned kMostRefusals = 3;  // of a credential in a row

    explicit Sweep(Parts parts);
    ~Sweep();
    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;

    void configure(std::vector<Scope> scopes, const std::vector<wire::DeviceConfig>& devices);
    // Begins anew. malformed: what is no range; refused: what is in no scope, or too much.
    [[nodiscard]] Result<void> start(const std::vector<std::string>& ranges);
    void pause();
    void resume();
    void stop();
    // What was found at the address is not wanted, in later sweeps too; or is again. not_found; exhausted.
    [[nodiscard]] Result<void> ignore(const std::string& address, bool ignored);
    // The same by its name; empty: nothing. refused: there is no sweep under way.
    [[nodiscard]] Result<void> act(const std::string& action);

    // At the end of each sweep that came to its end.
    void on_done(std::function<void()> done) { done_ = std::move(done); }
    // With the credential at the address, as the scopes are.
    [[nodiscard]] bool asks(const std::string& credential, const std::string& address) const;
    void add_problem(const char* kind, const std::string& text);

    [[nodiscard]] wire::SweepStatus status() const;
    [[nodiscard]] std::vector<wire::Candidate> candidates() const;
    // How what was found at the address can be asked: as it answered, as long as a scope allows it.
    // not_found; refused.
    struct Access {
        std::string credential;
        std::uint16_t port = 161;
    };
    [[nodiscard]] Result<Access> access_to(const std::string& address) const;
    // What goes on after a start of polld: a sweep that ran then runs again.
    [[nodiscard]] wire::SweepState saved() const;
    void restore(const wire::SweepState& saved);

  private:
    struct Attempt {
        std::string credential;
        std::uint16_t port = 0;
        bool operator==(const Attempt&) const = default;
    };
    struct Host {
        std::uint32_t number = 0;  // of all addresses of the ranges
        std::uint32_t address = 0;
        std::vector<Attempt> attempts;  // still to be made
        std::string credential;         // being tried, and where
        std::uint16_t port = 0;
        std::optional<snmp::Engine::DeviceId> engine_id;
        std::vector<pack::Choice> choices;
        std::shared_ptr<const PackPlan> plan;
        std::string problem;
        std::string trouble;
        std::vector<std::string> seen;  // by probes
    };

    void run();
    void begin_next();
    void begin_reach(std::uint32_t next);
    [[nodiscard]] std::uint32_t address_at(std::uint32_t number) const;
    [[nodiscard]] std::vector<Attempt> attempts_at(std::uint32_t address) const;
    [[nodiscard]] bool may_try(const std::string& credential, std::uint32_t address) const;
    void try_next(Host& host);
    void ask(Host& host, void (Sweep::*then)(Host&, const snmp::Cycle&));
    void on_look(Host& host, const snmp::Cycle& cycle);
    void on_refused(Host& host, const snmp::Cycle& cycle);
    void on_identity(Host& host, const snmp::Cycle& cycle);
    [[nodiscard]] bool is_allowed(const AddressRange& range) const;
    void keep(wire::Candidate candidate);
    void recall_refusals();
    [[nodiscard]] std::vector<wire::RefusedCredential> refusals() const;
    void finish(Host& host);
    void keep_silent(Host& host);
    void see_neighbours();
    void end();

    Parts parts_;
    std::vector<Scope> scopes_;
    // Ids of configured devices by address and port.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> known_;
    std::vector<AddressRange> ranges_;
    wire::SweepStatus status_;
    Reach reach_;
    std::map<std::uint32_t, std::unique_ptr<Host>> hosts_;  // being asked, by number
    Candidates found_;
    std::vector<wire::Candidate> ignored_;
    std::set<std::uint32_t> answered_;                 // addresses
    std::map<std::uint32_t, std::string> neighbours_;  // of the ranges
    std::map<std::string, unsigned> refusals_;         // in a row, by credential
    using Refused = std::map<std::pair<std::string, std::uint32_t>, std::uint64_t>;
    Refused refused_;  // the revision of a credential that an address refused
    // Of before a restart: into refused_ once the credentials are known, and only for the sweep that goes on.
    std::vector<wire::RefusedCredential> before_;
    std::set<Refused::key_type> until_next_;
    std::function<void()> done_;
    Timer next_timer_;
    Timer neighbours_timer_;
};

// The kernel's table of IPv4 neighbours that answered ARP.
[[nodiscard]] std::map<std::uint32_t, std::string> read_neighbours(const std::string& path);

}  // namespace outstation::polld
