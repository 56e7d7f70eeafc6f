// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as any message: refused, or decoded to something that encodes and decodes to itself. The first
// byte chooses.
#include <cstdlib>

#include "lib/wire/auth_messages.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/control_messages.hpp"
#include "lib/wire/poll_messages.hpp"
#include "lib/wire/store_messages.hpp"
#include "lib/wire/wire.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace {

using namespace outstation::wire;

template <typename Message>
void check(std::string_view bytes) {
    const auto message = decode<Message>(bytes);
    if (!message) return;
    const std::string again = encode(*message);
    const auto back = decode<Message>(again);
    // NaN is not equal to itself: compare the bytes.
    if (!back || encode(*back) != again) std::abort();
}

using Check = void (*)(std::string_view);
constexpr Check kChecks[] = {
    check<FrameBody>,       check<AppendSamples>, check<AppendStates>, check<DefineSeries>,
    check<RangeRequest>,    check<RangeReply>,    check<LatestReply>,  check<EventsReply>,
    check<StoreStatus>,     check<Tail>,          check<ReplayReply>,  check<DeviceStatesReply>,
    check<LedgerReply>,     check<ConfigReply>,   check<Hello>,        check<StatusReply>,
    check<PollStatusReply>, check<LoginRequest>,  check<LoginReply>,   check<TailRequest>,
    check<TokenList>,       check<WhyReply>,      check<ExplainReply>, check<DraftReply>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    kChecks[data[0] % std::size(kChecks)](
        std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
    return 0;
}
