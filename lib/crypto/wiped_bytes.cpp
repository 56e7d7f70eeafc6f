// SPDX-License-Identifier: GPL-3.0-or-later
// Overwriting that the compiler does not leave out.
#include "lib/crypto/wiped_bytes.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace outstation::crypto {

WipedBytes::WipedBytes(std::size_t size) : bytes_(std::make_unique<char[]>(size)), size_(size) {}

WipedBytes::WipedBytes(std::string_view bytes) : WipedBytes(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

WipedBytes::WipedBytes(WipedBytes&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

WipedBytes& WipedBytes::operator=(WipedBytes&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
}

WipedBytes::~WipedBytes() {
    if (bytes_) OPENSSL_cleanse(bytes_.get(), size_);
}

}  // namespace outstation::crypto
