// SPDX-License-Identifier: GPL-3.0-or-later
// What the columns cost: octets and CPU a sample, of blocks and of frames, beside the zstd protobuf body of
// the journal's codec 1. Every figure is the median of the rounds, and everything is read back and compared.

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "lib/store/columns/block.hpp"
#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/journal/format.hpp"
#include "lib/wire/wire.hpp"
#include "tests/bench/store/meters.hpp"
#include "tests/bench/store/telemetry.hpp"

namespace outstation::bench {
namespace {

constexpr std::size_t kSlots = 6;  // flushes a cycle, as with 10 s flushes of a 60 s cycle
constexpr std::uint32_t kSeriesRead = 30;

void check(bool good, const char* what) {
    if (good) return;
    std::cerr << what << "\n";
    std::exit(1);
}

struct Figures {
    double octets = 0;
    double encode_us = 0;
    double decode_us = 0;
};

// Runs what it is given and adds the CPU time to `sum`.
template <typename Work>
auto timed(double& sum, Work work) {
    const double before = cpu_us();
    auto out = work();
    sum += cpu_us() - before;
    return out;
}

using Cycles = std::vector<std::vector<wire::SampleRecord>>;

std::vector<wire::FrameBody> frames_of(const Cycles& cycles) {
    std::vector<wire::FrameBody> out;
    for (const auto& cycle : cycles) {
        for (std::size_t slot = 0; slot < kSlots; ++slot) {
            wire::FrameBody& body = out.emplace_back();
            body.boot_id = "0123456789abcdef";
            for (std::size_t i = slot * cycle.size() / kSlots; i < (slot + 1) * cycle.size() / kSlots; ++i) {
                body.samples.push_back(cycle[i]);
                body.samples.back().stamp.boot_id.clear();
            }
            body.batches.push_back({"polld", 1, out.size(), 1, static_cast<std::uint32_t>(cycle.size())});
        }
    }
    return out;
}

Figures of_frames(const std::vector<wire::FrameBody>& frames, std::size_t keyed_every_cycles) {
    Figures out;
    store::FrameEncoder encoder;
    store::FrameDecoder decoder;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const bool keyed = i % (keyed_every_cycles * kSlots) == 0;
        const auto payload = timed(out.encode_us, [&] { return encoder.encode(frames[i], keyed); });
        check(payload.has_value(), "frame: not encoded");
        const auto body = timed(out.decode_us, [&] { return decoder.decode(*payload); });
        check(body && *body == frames[i], "frame: not the same");
        out.octets += static_cast<double>(payload->size());
    }
    return out;
}

Figures of_protobuf(const std::vector<wire::FrameBody>& frames) {
    Figures out;
    for (const auto& frame : frames) {
        store::FrameHeader header;
        const auto payload = timed(out.encode_us, [&] {
            const std::string body = wire::encode(frame);
            header.body_octets = static_cast<std::uint32_t>(body.size());
            return store::compress_body(body, header.codec);
        });
        check(payload.has_value(), "protobuf: not encoded");
        (void)store::encode_frame(header, *payload, 0);
        const auto body = timed(out.decode_us, [&] {
            return wire::decode<wire::FrameBody>(store::read_body(header, *payload).value());
        });
        check(body && *body == frame, "protobuf: not the same");
        out.octets += static_cast<double>(payload->size());
    }
    return out;
}

// Also how long it takes to open a block and read one column of it.
Figures of_blocks(const Cycles& cycles, double& one_column_us) {
    Figures out;
    one_column_us = 0;
    for (std::size_t device = 0; device < cycles.front().size(); ++device) {
        store::BlockBuilder builder(cycles.front()[device].device);
        for (std::size_t i = 0; i < cycles.size(); ++i)
            check(builder.add(i, cycles[i][device]).has_value(), "block: not added");
        const std::string bytes = timed(out.encode_us, [&] { return builder.encode(); });
        out.octets += static_cast<double>(bytes.size());
        const auto records =
            timed(out.decode_us, [&] { return store::BlockReader::open(bytes).value().records(); });
        check(records && records->size() == cycles.size(), "block: not read");
        for (std::size_t i = 0; i < cycles.size(); ++i)
            check((*records)[i].record == cycles[i][device], "block: not the same");
        store::ColumnData column;
        timed(one_column_us, [&] {
            auto block = store::BlockReader::open(bytes).value();
            return block.column(kSeriesRead, column).has_value();
        });
    }
    one_column_us /= static_cast<double>(cycles.front().size());
    return out;
}

class Report {
  public:
    Report(double samples, std::size_t rounds, bool json) : samples_(samples), rounds_(rounds), json_(json) {}

    // octets_goal, encode_goal_us: a sample; 0: none.
    void run(const std::string& name, const std::function<Figures()>& measure, double octets_goal,
             double encode_goal_us) {
        std::vector<double> encode;
        std::vector<double> decode;
        double octets = 0;
        for (std::size_t i = 0; i < rounds_; ++i) {
            const Figures figures = measure();
            octets = figures.octets / samples_;
            encode.push_back(figures.encode_us / samples_);
            decode.push_back(figures.decode_us / samples_);
        }
        print(name + "_bytes_per_sample", octets, "B", octets_goal);
        print(name + "_encode_per_sample", median(encode), "us", encode_goal_us);
        print(name + "_decode_per_sample", median(decode), "us", 0);
    }
    void print(const std::string& name, double value, const char* unit, double goal) const {
        if (!json_) {
            std::cout << "store." << name << "  " << value << " " << unit;
            if (goal > 0) std::cout << "  (goal " << goal << (value <= goal ? ", met)" : ", missed)");
            std::cout << "\n";
            return;
        }
        std::cout << "{\"name\":\"store." << name << "\",\"value\":" << value << ",\"unit\":\"" << unit
                  << "\",\"floor\":null,\"peer\":null,\"peer_value\":null,\"goal\":";
        if (goal > 0) {
            std::cout << goal << ",\"ok\":" << (value <= goal ? "true" : "false") << "}\n";
        } else {
            std::cout << "null,\"ok\":null}\n";
        }
    }

  private:
    static double median(std::vector<double> values) {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    }
    double samples_;
    std::size_t rounds_;
    bool json_;
};

int run(std::size_t devices, std::size_t rounds, bool json) {
    constexpr std::size_t kCycles = 120;  // a window of two hours
    Telemetry telemetry(devices);
    Cycles cycles;
    for (std::size_t i = 0; i < kCycles; ++i) cycles.push_back(telemetry.next());
    Report report(static_cast<double>(devices * kSeriesOfDevice * kCycles), rounds, json);
    double one_column_us = 0;
    report.run(
        "columns_block", [&] { return of_blocks(cycles, one_column_us); }, 0.85, 0.03);
    report.print("columns_block_one_column", one_column_us, "us", 0);
    const auto frames = frames_of(cycles);
    cycles.clear();
    report.run(
        "columns_frame_keyed_10", [&] { return of_frames(frames, 10); }, 0.95, 0);
    report.run(
        "columns_frame_keyed_60", [&] { return of_frames(frames, 60); }, 0, 0);
    report.run(
        "protobuf_frame", [&] { return of_protobuf(frames); }, 0, 0);
    return 0;
}

}  // namespace
}  // namespace outstation::bench

int main(int argc, char** argv) {
    bool quick = false;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
        quick = quick || std::string_view(argv[i]) == "--quick";
        json = json || std::string_view(argv[i]) == "--json";
    }
    return outstation::bench::run(quick ? 200 : 1000, quick ? 3 : 5, json);
}
