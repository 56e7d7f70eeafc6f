// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of a secret on the heap, overwritten when they go; a move leaves no copy behind. Threads: as any
// value.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace outstation::crypto {

class WipedBytes {
  public:
    WipedBytes() = default;
    explicit WipedBytes(std::size_t size);  // zeros
    explicit WipedBytes(std::string_view bytes);
    WipedBytes(WipedBytes&& other) noexcept;
    WipedBytes& operator=(WipedBytes&& other) noexcept;
    ~WipedBytes();

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
    [[nodiscard]] std::span<char> bytes() { return {bytes_.get(), size_}; }

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

}  // namespace outstation::crypto
