// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the past from stored, a page at a time: series, records of a stream, where a time begins. Threads:
// the loop's. Once it is destroyed nothing calls back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "lib/ipc/client.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::alertd {

class HistoryReader {
  public:
    template <typename T>
    using Done = std::function<void(const Result<T>&)>;

    explicit HistoryReader(ipc::Client& stored) : stored_(stored) {}

    // Expires with this.
    [[nodiscard]] std::weak_ptr<bool> token() const { return alive_; }

    void status(Done<wire::StoreStatus> done);
    // Every series that has or had values.
    void series(std::function<void(const wire::LatestRow&)> each, Done<void> done);
    // The records with the numbers first to last that there are, in order.
    void records(StreamId stream, std::uint64_t first, std::uint64_t last,
                 std::function<void(const wire::ReplayReply&)> each, Done<void> done);
    // One page of them, from the first on, and where the next begins: behind last when there is none.
    struct Page {
        wire::ReplayReply records;
        std::uint64_t next = 0;
    };
    void page(StreamId stream, std::uint64_t first, std::uint64_t last, Done<Page> done);
    // The newest sample record up to this one; nothing: there is none.
    void newest_sample(std::uint64_t last, Done<std::optional<wire::WireStamp>> done);
    // The first sample record between first and last that is not too old; behind last if there is none.
    using IsOld = std::function<bool(const wire::WireStamp&)>;
    void find_samples(IsOld is_old, std::uint64_t first, std::uint64_t last, Done<std::uint64_t> done);

  private:
    struct Series {
        std::function<void(const wire::LatestRow&)> each;
        Done<void> done;
    };
    struct Records {
        StreamId stream;
        std::uint64_t last;
        std::function<void(const wire::ReplayReply&)> each;
        Done<void> done;
    };
    struct Search {
        IsOld is_old;
        Done<std::uint64_t> done;
    };
    // Like Client::request, as long as this lives.
    template <typename Reply, typename Request>
    void ask(const Request& request, Done<Reply> done);
    void next_series(const std::shared_ptr<Series>& work, std::uint32_t after);
    void next_records(const std::shared_ptr<Records>& work, std::uint64_t first);
    void step_back(std::uint64_t at, std::uint64_t by, const Done<std::optional<wire::WireStamp>>& done);
    void halve(const std::shared_ptr<Search>& work, std::uint64_t first, std::uint64_t end);

    ipc::Client& stored_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Whether a record is older than the newest by more than this: by the monotonic clock within a boot. From
// boot to boot the wall clock counts, forth and back: one that is wrong must not make everything new.
[[nodiscard]] bool lies_before(const wire::WireStamp& stamp, const wire::WireStamp& newest, Duration span);

// The stream's numbers.
[[nodiscard]] wire::StreamStatus stream_of(const wire::StoreStatus& status, StreamId stream);

}  // namespace outstation::alertd
