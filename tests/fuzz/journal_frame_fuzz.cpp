// SPDX-License-Identifier: GPL-3.0-or-later
// A journal whose segment holds arbitrary bytes: it opens or refuses, serves what is valid, and can be
// appended to. Every second input is first cut into frames with right checksums, so that the bodies are
// reached too.
#include <cstdlib>

#include "lib/store/frame_cursor.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/journal/journal.hpp"

using namespace outstation;
using namespace outstation::store;

namespace {

constexpr char kName[] = "journal/samples-00000000000000000001.journal";
constexpr std::size_t kHeadOctets = 8;  // of each frame in the input: what its header shall say

// Each part of the input becomes a frame: {records, sequence step, codec, flags, body octets u16, length
// u16}.
std::string frames_from(std::string_view input, std::uint32_t seed) {
    std::string out;
    std::uint64_t sequence = 1;
    std::uint32_t chain = 0;
    while (input.size() >= kHeadOctets) {
        const auto octet = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(input[i])}; };
        const std::size_t octets =
            std::min<std::size_t>(octet(6) | octet(7) << 8, input.size() - kHeadOctets);
        FrameHeader header;
        header.info.records = octet(0);
        header.info.first_sequence = sequence + octet(1);
        header.codec = Codec{static_cast<std::uint8_t>(octet(2))};
        header.info.flags = static_cast<std::uint8_t>(octet(3));
        header.body_octets = octet(4) | octet(5) << 8;
        header.chain = chain;
        out += encode_frame(header, input.substr(kHeadOctets, octets), seed);
        sequence = header.info.first_sequence + header.info.records;
        chain = header.header_crc;
        input.remove_prefix(kHeadOctets + octets);
    }
    return out;
}

void read_everything(JournalView view) {
    for (std::size_t part = 0; part < view.parts().size(); ++part) {
        const auto entries = view.entries(part);
        if (!entries) continue;
        for (const FrameEntry& entry : *entries) {
            const auto body = view.read(part, entry);
            if (body) (void)decode_frame(*body);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Identity identity;
    FakeFileSystem files;
    Journal::Options options;
    options.directory = "journal";
    options.bulk_segment_octets = 16384;
    options.make_identity = [&] { return identity; };
    std::string bytes = encode_segment_header({identity, StreamId::samples, 1, 0, 0});
    const std::uint32_t seed = frame_seed(identity, StreamId::samples, 1);
    bytes += input[0] % 2 == 0 ? std::string(input.substr(1)) : frames_from(input.substr(1), seed);
    bytes.resize(std::max<std::size_t>(bytes.size(), 16384), '\0');
    {
        Journal::Opened opened;
        if (!Journal::open(files, options, opened)) std::abort();
        if (!files.open(kName, FileSystem::Mode::create)) std::abort();
        files.set_contents(kName, bytes);
    }
    Journal::Opened opened;
    const auto journal = Journal::open(files, options, opened);
    if (!journal) return 0;
    JournalStream& stream = (*journal)->stream(StreamId::samples);
    read_everything(stream.view());
    const std::uint64_t next = stream.next_sequence();
    if (!stream.prepare(5, 0) || !stream.write({next, 1, 0, 0, 0, 0}, "hello")) std::abort();
    if (stream.next_sequence() != next + 1) std::abort();
    JournalView view = stream.view();
    const auto entries = view.entries(view.parts().size() - 1);
    if (!entries || view.read(view.parts().size() - 1, entries->back()) != "hello") std::abort();
    return 0;
}
