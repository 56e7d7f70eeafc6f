// SPDX-License-Identifier: GPL-3.0-or-later
// The header, the key, the chunks.
#include "lib/crypto/sealed_stream.hpp"

#include <algorithm>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {

namespace {

constexpr std::string_view kMagic = "OSTNSEAL";
constexpr char kVersion = 1;
constexpr char kSuite = 1;  // AES-256-GCM
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kSuiteAt = 10;
constexpr std::size_t kCostAt = 11;
constexpr std::size_t kZeroAt = 14;
constexpr std::size_t kSaltAt = 16;
constexpr std::size_t kCheckAt = 32;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kSealedChunkBytes = kStreamChunkBytes + kStreamTagBytes;
constexpr std::uint64_t kMemoryLimitBytes = 512ULL << 20U;

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool affordable(ScryptCost cost) {
    return cost.log2_n >= 1 && cost.r >= 1 && cost.p >= 1 && cost.log2_n <= kMostStreamCost.log2_n &&
           cost.r <= kMostStreamCost.r && cost.p <= kMostStreamCost.p;
}

// The key, and behind it what the header says so that another passphrase is told from damage.
Result<std::string> derive(std::string_view passphrase, std::string_view salt, ScryptCost cost) {
    if (!affordable(cost)) return fail(ErrorCode::exhausted, "the passphrase asks for too much work");
    std::string out(kKeyBytes + kCheckBytes, '\0');
    const int done = EVP_PBE_scrypt(passphrase.data(), passphrase.size(), octets(salt), salt.size(),
                                    1ULL << cost.log2_n, cost.r, cost.p, kMemoryLimitBytes,
                                    reinterpret_cast<unsigned char*>(out.data()), out.size());
    if (done != 1) return fail_openssl(ErrorCode::io, "scrypt");
    return out;
}

}  // namespace

// One key; each chunk in its turn.
class StreamCipher {
  public:
    StreamCipher(std::string key_and_check, std::string header)
        : key_(std::move(key_and_check)), header_(std::move(header)) {}
    StreamCipher(const StreamCipher&) = delete;
    StreamCipher& operator=(const StreamCipher&) = delete;
    ~StreamCipher() { wipe(key_); }

    [[nodiscard]] Result<void> seal(std::string_view plain, bool last, std::string& out);
    [[nodiscard]] Result<void> open(std::string_view sealed, bool last, std::string& out);
    [[nodiscard]] const std::string& header() const { return header_; }

  private:
    // Begins a chunk: key, nonce, and the header as additional data.
    [[nodiscard]] bool begin(bool encrypt, bool last);
    [[nodiscard]] bool update(std::string_view from, char* to);

    std::string key_;
    std::string header_;
    std::uint64_t chunk_ = 0;
    std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>> context_{EVP_CIPHER_CTX_new()};
};

bool StreamCipher::begin(bool encrypt, bool last) {
    std::string nonce(kNonceBytes, '\0');
    for (std::size_t i = 0; i < 8; ++i) nonce[i] = static_cast<char>(chunk_ >> (8 * i) & 0xffU);
    nonce[8] = last ? 1 : 0;
    ++chunk_;
    int size = 0;
    return context_ &&
           EVP_CipherInit_ex(context_.get(), EVP_aes_256_gcm(), nullptr, octets(key_), octets(nonce),
                             encrypt ? 1 : 0) == 1 &&
           EVP_CipherUpdate(context_.get(), nullptr, &size, octets(header_),
                            static_cast<int>(header_.size())) == 1;
}

bool StreamCipher::update(std::string_view from, char* to) {
    int size = 0;
    return from.empty() || EVP_CipherUpdate(context_.get(), reinterpret_cast<unsigned char*>(to), &size,
                                            octets(from), static_cast<int>(from.size())) == 1;
}

Result<void> StreamCipher::seal(std::string_view plain, bool last, std::string& out) {
    const std::size_t at = out.size();
    out.resize(at + plain.size() + kStreamTagBytes);
    unsigned char none[kStreamTagBytes];
    int size = 0;
    const bool done = begin(true, last) && update(plain, out.data() + at) &&
                      EVP_CipherFinal_ex(context_.get(), none, &size) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kStreamTagBytes,
                                          out.data() + at + plain.size()) == 1;
    if (!done) return fail_openssl(ErrorCode::io, "sealing with AES-256-GCM");
    return {};
}

Result<void> StreamCipher::open(std::string_view sealed, bool last, std::string& out) {
    if (sealed.size() < kStreamTagBytes) return fail(ErrorCode::malformed, "it is cut off");
    const auto text = sealed.substr(0, sealed.size() - kStreamTagBytes);
    std::string tag(sealed.substr(text.size()));
    const std::size_t at = out.size();
    out.resize(at + text.size());
    unsigned char none[kStreamTagBytes];
    int size = 0;
    const bool ready =
        begin(false, last) && update(text, out.data() + at) &&
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kStreamTagBytes, tag.data()) == 1;
    if (ready && EVP_CipherFinal_ex(context_.get(), none, &size) == 1) return {};
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.end(), '\0');
    out.resize(at);
    if (!ready) return fail_openssl(ErrorCode::io, "opening with AES-256-GCM");
    return fail(ErrorCode::malformed, "it was changed or cut off");
}

SealedStreamWriter::SealedStreamWriter(std::unique_ptr<StreamCipher> cipher)
    : cipher_(std::move(cipher)), header_(cipher_->header()) {}
SealedStreamWriter::SealedStreamWriter(SealedStreamWriter&&) noexcept = default;
SealedStreamWriter& SealedStreamWriter::operator=(SealedStreamWriter&&) noexcept = default;
SealedStreamWriter::~SealedStreamWriter() {
    wipe(plain_);
}

Result<SealedStreamWriter> SealedStreamWriter::make(std::string_view passphrase, ScryptCost cost) {
    const auto salt = random_bytes(kStreamSaltBytes);
    if (!salt) return fail(salt.error());
    return make_with_salt(passphrase, cost, *salt);
}

Result<SealedStreamWriter> SealedStreamWriter::make_with_salt(std::string_view passphrase, ScryptCost cost,
                                                              std::string_view salt) {
    auto key = derive(passphrase, salt, cost);
    if (!key) return fail(key.error());
    std::string header(kMagic);
    header += {kVersion, 0, kSuite};
    for (const unsigned number : {cost.log2_n, cost.r, cost.p}) header += static_cast<char>(number);
    header.append(2, '\0').append(salt).append(key->substr(kKeyBytes));
    return SealedStreamWriter(std::make_unique<StreamCipher>(std::move(*key), std::move(header)));
}

Result<void> SealedStreamWriter::write(std::string_view plain, std::string& sealed) {
    sealed += std::exchange(header_, {});
    while (!plain.empty()) {
        // A full chunk waits: it is the last one when nothing follows.
        if (plain_.size() == kStreamChunkBytes) {
            if (const auto ok = cipher_->seal(plain_, false, sealed); !ok) return ok;
            plain_.clear();
        }
        const std::size_t part = std::min(plain.size(), kStreamChunkBytes - plain_.size());
        plain_.append(plain.substr(0, part));
        plain.remove_prefix(part);
    }
    return {};
}

Result<void> SealedStreamWriter::finish(std::string& sealed) {
    sealed += std::exchange(header_, {});
    return cipher_->seal(plain_, true, sealed);
}

SealedStreamReader::SealedStreamReader(WipedBytes passphrase) : passphrase_(std::move(passphrase)) {}
SealedStreamReader::~SealedStreamReader() = default;

Result<void> SealedStreamReader::open_header() {
    const std::string header = sealed_.substr(0, kStreamHeaderBytes);
    if (!header.starts_with(kMagic)) return fail(ErrorCode::malformed, "it is no sealed stream");
    if (header[kVersionAt] != kVersion || header[kVersionAt + 1] != 0 || header[kSuiteAt] != kSuite)
        return fail(ErrorCode::refused, "a version that this program does not know");
    if (header[kZeroAt] != 0 || header[kZeroAt + 1] != 0)
        return fail(ErrorCode::malformed, "its header is damaged");
    const auto number = [&](std::size_t i) { return static_cast<std::uint8_t>(header[kCostAt + i]); };
    auto key = derive(passphrase_.view(), std::string_view(header).substr(kSaltAt, kStreamSaltBytes),
                      ScryptCost{number(0), number(1), number(2)});
    if (!key) return fail(key.error());
    if (!equal_in_constant_time(std::string_view(*key).substr(kKeyBytes),
                                std::string_view(header).substr(kCheckAt, kCheckBytes)))
        return fail(ErrorCode::refused, "this is not its passphrase, or its header is damaged");
    cipher_ = std::make_unique<StreamCipher>(std::move(*key), header);
    sealed_.erase(0, kStreamHeaderBytes);
    return {};
}

Result<void> SealedStreamReader::read(std::string_view sealed, std::string& plain) {
    sealed_.append(sealed);
    if (!cipher_ && sealed_.size() >= kStreamHeaderBytes) {
        if (const auto ok = open_header(); !ok) return ok;
    }
    // Only what something follows is surely not the last chunk.
    std::size_t done = 0;
    for (; cipher_ && sealed_.size() - done > kSealedChunkBytes; done += kSealedChunkBytes) {
        const auto chunk = std::string_view(sealed_).substr(done, kSealedChunkBytes);
        if (const auto ok = cipher_->open(chunk, false, plain); !ok) return ok;
    }
    sealed_.erase(0, done);
    return {};
}

Result<void> SealedStreamReader::finish(std::string& plain) {
    if (!cipher_) return fail(ErrorCode::malformed, "it is no sealed stream, or its beginning only");
    return cipher_->open(sealed_, true, plain);
}

}  // namespace outstation::crypto
