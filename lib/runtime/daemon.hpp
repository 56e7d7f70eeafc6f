// SPDX-License-Identifier: GPL-3.0-or-later
// The one life cycle of every daemon: arguments, logging, configuration, (--check-config ends here), socket,
// start, ready, loop, SIGHUP reloads all or nothing, SIGTERM drains, exit code. A daemon writes an App and a
// short main(). It has no privileges to drop: the service manager starts it as its own user, with the
// capabilities of its unit. Exit codes: 0 clean, 1 failed at run time, 2 bad arguments or configuration.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/config/config.hpp"
#include "lib/event/loop.hpp"
#include "lib/ipc/client.hpp"
#include "lib/ipc/server.hpp"
#include "lib/model/record.hpp"
#include "lib/runtime/log.hpp"
#include "lib/runtime/metrics.hpp"

namespace outstation::runtime {

// What a daemon is given. Lives as long as the loop runs.
class Context {
  public:
    virtual ~Context() = default;
    [[nodiscard]] virtual Loop& loop() = 0;
    [[nodiscard]] virtual Log& log() = 0;
    // The daemon's own socket, RUN_DIR/NAME.sock. Status, metrics and log level are answered already.
    [[nodiscard]] virtual ipc::Server& server() = 0;
    // A connection to another daemon's socket; set its callbacks, then start() it.
    [[nodiscard]] virtual std::unique_ptr<ipc::Client> client(const std::string& daemon) = 0;
    // The daemon's own directory, mode 0700, made if missing. No slash at the end.
    [[nodiscard]] virtual const std::string& state_dir() const = 0;
    // The directory of all sockets.
    [[nodiscard]] virtual const std::string& run_dir() const = 0;
    // New at each start of the process.
    [[nodiscard]] virtual std::uint64_t incarnation() const = 0;
    // Now, on both clocks.
    [[nodiscard]] virtual Stamp stamp() = 0;
    // Ends the daemon with exit code 1 after logging the error: for what cannot be mended by going on.
    virtual void fatal(const Error& error) = 0;
};

class App {
  public:
    virtual ~App() = default;
    // Reads the daemon's own file into a staged copy; problems go to the mapping. Called at start and at each
    // reload.
    virtual void stage(config::Mapping root) = 0;
    // Makes the staged configuration the current one. Only after stage() without problems.
    virtual void commit() = 0;
    // Serves. When it returns without error the daemon is ready.
    [[nodiscard]] virtual Result<void> start(Context& context) = 0;
    // SIGTERM: finish what must be finished, then call `drained`. After ten seconds it ends anyway.
    virtual void drain(std::function<void()> drained) { drained(); }
    // For `outstation status`: name and value, for people.
    virtual void describe(std::vector<wire::StatusField>&) const {}
    virtual void metrics(Metrics&) const {}
};

struct Daemon {
    std::string name;     // "stored"; names the socket, the state directory and the log lines
    std::string summary;  // one line for --help
    std::function<std::unique_ptr<App>()> make;
    std::vector<std::string> peers;  // users, besides root and our own, that may connect: "outstation-webd"
    bool config_optional = false;    // a --config file that does not exist means the defaults
};

// Everything from argv to the exit code.
[[nodiscard]] int run(const Daemon& daemon, int argc, char** argv);

}  // namespace outstation::runtime
