// SPDX-License-Identifier: GPL-3.0-or-later
// The server's side of TLS for browsers, over a non-blocking socket that somebody else watches. What is not
// here: sockets, threads, HTTP. Threads: a TlsServer may be used by several; a TlsStream by one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/model/result.hpp"

namespace outstation::crypto {

// What the station accepts from browsers and programs, named and dated: change it by making a new one.
// Forward secrecy and authenticated encryption only; TLS 1.3 where both can, TLS 1.2 as the floor.
struct TlsPolicy {
    std::string_view name;
    int minimum_version;  // as in the record layer: 0x0303 is TLS 1.2
    const char* tls13_suites;
    const char* tls12_suites;
    const char* groups;
    std::string_view alpn;  // the one protocol we speak; an offer without it is refused
};
inline constexpr TlsPolicy kTlsPolicyBrowser202611{
    "browser-2026-11",
    0x0303,
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305",
    "X25519:P-256:P-384",
    "http/1.1",
};

enum class TlsNeed { nothing, read, write };

// What one call did: `bytes` moved, what the socket must be ready for before the next call, or that the peer
// has said it will send no more.
struct TlsProgress {
    std::size_t bytes = 0;
    TlsNeed need = TlsNeed::nothing;
    bool ended = false;
};

class TlsStream {
  public:
    ~TlsStream();
    TlsStream(TlsStream&&) noexcept;
    TlsStream& operator=(TlsStream&&) noexcept;

    // Goes on with the handshake; done when need is `nothing`. Any failure (refused) ends the stream.
    [[nodiscard]] Result<TlsProgress> handshake();
    [[nodiscard]] Result<TlsProgress> read(char* to, std::size_t room);
    // A write that needs something must be repeated with the same bytes in front.
    [[nodiscard]] Result<TlsProgress> write(std::string_view bytes);
    // Tells the peer that no more comes; does not wait.
    void close_notify();
    [[nodiscard]] std::string version() const;  // "TLSv1.3"

  private:
    friend class TlsServer;
    struct State;
    explicit TlsStream(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class TlsServer {
  public:
    // Fails with malformed or not_found when the files are not a certificate and its key.
    [[nodiscard]] static Result<TlsServer> make(const std::string& certificate_path,
                                                const std::string& key_path,
                                                const TlsPolicy& policy = kTlsPolicyBrowser202611);
    ~TlsServer();
    TlsServer(TlsServer&&) noexcept;
    TlsServer& operator=(TlsServer&&) noexcept;

    // A stream over a connected non-blocking socket, which must outlive it.
    [[nodiscard]] Result<TlsStream> accept(int fd) const;

  private:
    struct State;
    explicit TlsServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace outstation::crypto
