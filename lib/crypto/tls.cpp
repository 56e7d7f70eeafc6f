// SPDX-License-Identifier: GPL-3.0-or-later
// TLS by OpenSSL.
#include "lib/crypto/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>

#include "lib/crypto/openssl.hpp"

namespace outstation::crypto {
namespace {

// RFC 7301 §3.2: refuse with no_application_protocol when we do not speak what is offered.
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned offered_size, void* arg) {
    const auto& wanted = static_cast<const TlsPolicy*>(arg)->alpn;
    for (unsigned at = 0; at < offered_size; at += 1U + offered[at]) {
        const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
        if (name != wanted) continue;
        *out = offered + at + 1;
        *out_size = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool apply(SSL_CTX* context, const TlsPolicy& policy) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    // Strangers must not fill a cache of ours; who wants to resume keeps a ticket.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, select_alpn, const_cast<TlsPolicy*>(&policy));
    return SSL_CTX_set_min_proto_version(context, policy.minimum_version) == 1 &&
           SSL_CTX_set_ciphersuites(context, policy.tls13_suites) == 1 &&
           SSL_CTX_set_cipher_list(context, policy.tls12_suites) == 1 &&
           SSL_CTX_set1_groups_list(context, policy.groups) == 1;
}

}  // namespace

struct TlsStream::State {
    std::unique_ptr<SSL, OpenSslFree<SSL_free>> ssl;
    bool broken = false;

    // What a call of OpenSSL that returned `result` <= 0 means.
    Result<TlsProgress> stopped(int result, std::string_view what) {
        switch (SSL_get_error(ssl.get(), result)) {
            case SSL_ERROR_WANT_READ:
                return TlsProgress{0, TlsNeed::read, false};
            case SSL_ERROR_WANT_WRITE:
                return TlsProgress{0, TlsNeed::write, false};
            case SSL_ERROR_ZERO_RETURN:
                return TlsProgress{0, TlsNeed::nothing, true};
            default:
                broken = true;
                return fail_openssl(ErrorCode::refused, what);
        }
    }
};

TlsStream::TlsStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsStream::~TlsStream() = default;
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;

Result<TlsProgress> TlsStream::handshake() {
    ERR_clear_error();
    const int result = SSL_accept(state_->ssl.get());
    if (result == 1) return TlsProgress{};
    auto progress = state_->stopped(result, "TLS handshake");
    if (progress && progress->ended) return fail(ErrorCode::refused, "TLS handshake: the peer closed");
    return progress;
}

Result<TlsProgress> TlsStream::read(char* to, std::size_t room) {
    ERR_clear_error();
    const int result =
        SSL_read(state_->ssl.get(), to, static_cast<int>(std::min<std::size_t>(room, INT_MAX)));
    if (result > 0) return TlsProgress{static_cast<std::size_t>(result), TlsNeed::nothing, false};
    return state_->stopped(result, "TLS read");
}

Result<TlsProgress> TlsStream::write(std::string_view bytes) {
    ERR_clear_error();
    const int result = SSL_write(state_->ssl.get(), bytes.data(),
                                 static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
    if (result > 0) return TlsProgress{static_cast<std::size_t>(result), TlsNeed::nothing, false};
    return state_->stopped(result, "TLS write");
}

void TlsStream::close_notify() {
    // OpenSSL forbids SSL_shutdown after a fatal error and before the handshake's end.
    if (state_->broken || SSL_is_init_finished(state_->ssl.get()) != 1) return;
    ERR_clear_error();
    SSL_shutdown(state_->ssl.get());
    ERR_clear_error();
}

std::string TlsStream::version() const {
    return SSL_get_version(state_->ssl.get());
}

struct TlsServer::State {
    std::unique_ptr<SSL_CTX, OpenSslFree<SSL_CTX_free>> context;
    TlsPolicy policy;
};

TlsServer::TlsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsServer::~TlsServer() = default;
TlsServer::TlsServer(TlsServer&&) noexcept = default;
TlsServer& TlsServer::operator=(TlsServer&&) noexcept = default;

Result<TlsServer> TlsServer::make(const std::string& certificate_path, const std::string& key_path,
                                  const TlsPolicy& policy) {
    auto state = std::make_unique<State>();
    state->context.reset(SSL_CTX_new(TLS_server_method()));
    state->policy = policy;
    SSL_CTX* context = state->context.get();
    if (context == nullptr || !apply(context, state->policy))
        return fail_openssl(ErrorCode::bug, "TLS policy");
    if (SSL_CTX_use_certificate_chain_file(context, certificate_path.c_str()) != 1)
        return fail_openssl(ErrorCode::malformed, certificate_path);
    if (SSL_CTX_use_PrivateKey_file(context, key_path.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail_openssl(ErrorCode::malformed, key_path);
    return TlsServer(std::move(state));
}

Result<TlsStream> TlsServer::accept(int fd) const {
    auto state = std::make_unique<TlsStream::State>();
    state->ssl.reset(SSL_new(state_->context.get()));
    if (!state->ssl || SSL_set_fd(state->ssl.get(), fd) != 1)
        return fail_openssl(ErrorCode::io, "TLS stream");
    return TlsStream(std::move(state));
}

}  // namespace outstation::crypto
