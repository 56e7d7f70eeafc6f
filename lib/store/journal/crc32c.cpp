// SPDX-License-Identifier: GPL-3.0-or-later
// CRC-32C: SSE4.2 and ARMv8 instructions chosen at run time, table otherwise.
#include "lib/store/journal/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace outstation::store {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? kPolynomial : 0U);
        table[i] = value;
    }
    return table;
}
constexpr auto kTable = make_table();

std::uint64_t load_u64(const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

#if defined(__x86_64__)
#define OUTSTATION_CRC_TARGET __attribute__((target("sse4.2")))
bool have_instruction() {
    return __builtin_cpu_supports("sse4.2") != 0;
}
OUTSTATION_CRC_TARGET std::uint32_t step8(std::uint32_t crc, std::uint64_t value) {
    return static_cast<std::uint32_t>(_mm_crc32_u64(crc, value));
}
OUTSTATION_CRC_TARGET std::uint32_t step1(std::uint32_t crc, unsigned char value) {
    return _mm_crc32_u8(crc, value);
}
#elif defined(__aarch64__)
#define OUTSTATION_CRC_TARGET __attribute__((target("+crc")))
constexpr unsigned long kHwcapCrc32 = 1UL << 7;  // HWCAP_CRC32 of <asm/hwcap.h>
bool have_instruction() {
    return (getauxval(AT_HWCAP) & kHwcapCrc32) != 0;
}
OUTSTATION_CRC_TARGET std::uint32_t step8(std::uint32_t crc, std::uint64_t value) {
    return __builtin_aarch64_crc32cx(crc, value);
}
OUTSTATION_CRC_TARGET std::uint32_t step1(std::uint32_t crc, unsigned char value) {
    return __builtin_aarch64_crc32cb(crc, value);
}
#endif

#if defined(OUTSTATION_CRC_TARGET)
OUTSTATION_CRC_TARGET std::uint32_t crc32c_by_instruction(std::string_view bytes, std::uint32_t seed) {
    std::uint32_t crc = ~seed;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; at += 8, left -= 8) crc = step8(crc, load_u64(at));
    for (; left > 0; ++at, --left) crc = step1(crc, static_cast<unsigned char>(*at));
    return ~crc;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed) {
    std::uint32_t crc = ~seed;
    for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(OUTSTATION_CRC_TARGET)
    static const bool fast = have_instruction();
    if (fast) return crc32c_by_instruction(bytes, seed);
#endif
    return crc32c_by_table(bytes, seed);
}

}  // namespace outstation::store
