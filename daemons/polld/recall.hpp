// SPDX-License-Identifier: GPL-3.0-or-later
// Asking stored what it was told of the devices before this start of polld. Threads: the loop's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemons/polld/told_states.hpp"
#include "lib/ipc/client.hpp"
#include "lib/model/result.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::polld {

// Real: over ipc::Client; in tests a fake.
class StateSource {
  public:
    using States = std::map<std::string, Recalled>;  // by device
    using Answer = std::function<void(const Result<States>&)>;
    virtual ~StateSource() = default;
    [[nodiscard]] virtual bool connected() const = 0;
    // Calls back once, never from inside this call, also when the connection is lost.
    virtual void ask(Answer answer) = 0;
};

// What the three answers of stored say together.
void take_states(const wire::DeviceStatesReply& reply, StateSource::States& states);
void take_oper_status(const wire::LatestReply& reply, StateSource::States& states);
void take_uptimes(const wire::LatestReply& reply, StateSource::States& states);

class IpcStateSource : public StateSource {
  public:
    explicit IpcStateSource(ipc::Client& client) : client_(client) {}
    [[nodiscard]] bool connected() const override { return client_.connected(); }
    void ask(Answer answer) override;

  private:
    struct Work;
    using Take = void (*)(const wire::LatestReply&, States&);
    void ask_states(const std::shared_ptr<Work>& work, const std::string& after);
    void ask_latest(const std::shared_ptr<Work>& work, const std::string& metric, std::uint32_t after_id,
                    Take take);

    ipc::Client& client_;
};

}  // namespace outstation::polld
