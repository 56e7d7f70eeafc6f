// SPDX-License-Identifier: GPL-3.0-or-later
// The TLS policy seen from outside: an OpenSSL client against our server over a socket pair.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "lib/crypto/certificate.hpp"
#include "lib/crypto/tls.hpp"

namespace outstation::crypto {
namespace {

class TlsTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(folder_), nullptr);
        const auto made = ensure_station_certificate(folder_, {{"box-7"}, {"192.0.2.7"}});
        ASSERT_TRUE(made) << made.error().text;
        station_ = *made;
        auto server = TlsServer::make(station_.certificate_path, station_.key_path);
        ASSERT_TRUE(server) << server.error().text;
        server_ = std::make_unique<TlsServer>(std::move(*server));
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair_), 0);
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_load_verify_locations(context_, station_.certificate_path.c_str(), nullptr);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    }
    void TearDown() override {
        SSL_free(client_);
        SSL_CTX_free(context_);
        close(pair_[0]);
        close(pair_[1]);
        std::filesystem::remove_all(folder_);
    }
    // Lets both sides go on until both are done or one has failed; true when the handshake is done.
    bool shake(const std::function<void(SSL*)>& prepare = {}) {
        client_ = SSL_new(context_);
        SSL_set_fd(client_, pair_[0]);
        if (prepare) prepare(client_);
        auto stream = server_->accept(pair_[1]);
        EXPECT_TRUE(stream);
        stream_ = std::make_unique<TlsStream>(std::move(*stream));
        bool client_done = false;
        for (int turn = 0; turn < 20; ++turn) {
            const int result = client_done ? 1 : SSL_connect(client_);
            client_done = result == 1;
            if (!client_done && SSL_get_error(client_, result) != SSL_ERROR_WANT_READ) return false;
            const auto progress = stream_->handshake();
            if (!progress) return false;
            if (progress->need == TlsNeed::nothing && client_done) return true;
        }
        return false;
    }

    char folder_[32] = "/tmp/outstation-tls-XXXXXX";
    int pair_[2] = {-1, -1};
    StationCertificate station_;
    std::unique_ptr<TlsServer> server_;
    std::unique_ptr<TlsStream> stream_;
    SSL_CTX* context_ = nullptr;
    SSL* client_ = nullptr;
};

TEST_F(TlsTest, PrefersTls13AndCarriesBytesBothWays) {
    ASSERT_TRUE(shake([](SSL* ssl) { SSL_set1_host(ssl, "localhost"); }));
    EXPECT_STREQ(SSL_get_version(client_), "TLSv1.3");
    EXPECT_EQ(stream_->version(), "TLSv1.3");
    ASSERT_EQ(SSL_write(client_, "ping", 4), 4);
    char got[16];
    const auto read = stream_->read(got, sizeof got);
    ASSERT_TRUE(read);
    EXPECT_EQ(std::string(got, read->bytes), "ping");
    EXPECT_EQ(stream_->read(got, sizeof got)->need, TlsNeed::read);
    ASSERT_EQ(stream_->write("pong")->bytes, 4U);
    ASSERT_EQ(SSL_read(client_, got, sizeof got), 4);
    SSL_shutdown(client_);
    EXPECT_TRUE(stream_->read(got, sizeof got)->ended);
    stream_->close_notify();
    EXPECT_EQ(SSL_read(client_, got, sizeof got), 0);
}

TEST_F(TlsTest, TheCertificateNamesTheStation) {
    for (const char* name : {"localhost", "box-7"}) {
        X509* certificate = nullptr;
        ASSERT_TRUE(client_ != nullptr || shake());
        certificate = SSL_get0_peer_certificate(client_);
        ASSERT_NE(certificate, nullptr);
        EXPECT_EQ(X509_check_host(certificate, name, 0, 0, nullptr), 1) << name;
    }
    X509* certificate = SSL_get0_peer_certificate(client_);
    for (const char* address : {"127.0.0.1", "::1", "192.0.2.7"})
        EXPECT_EQ(X509_check_ip_asc(certificate, address, 0), 1) << address;
    EXPECT_EQ(X509_check_ip_asc(certificate, "192.0.2.8", 0), 0);
    EXPECT_EQ(X509_check_ca(certificate), 0);
}

TEST_F(TlsTest, Tls12IsTheFloor) {
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
    ASSERT_TRUE(shake());
    EXPECT_STREQ(SSL_get_version(client_), "TLSv1.2");
}

// A client without tickets gets no session to come back to: the server would have to remember it.
TEST_F(TlsTest, RemembersNoSessions) {
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
    SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
    ASSERT_TRUE(shake());
    unsigned size = 99;
    (void)SSL_SESSION_get_id(SSL_get0_session(client_), &size);
    EXPECT_EQ(size, 0U);
}

TEST_F(TlsTest, RefusesTls11) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, TLS1_1_VERSION);
    EXPECT_FALSE(shake());
}

TEST_F(TlsTest, RefusesSuitesWithoutAuthenticatedEncryption) {
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
    ASSERT_EQ(SSL_CTX_set_cipher_list(context_, "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256"), 1);
    EXPECT_FALSE(shake());
}

TEST_F(TlsTest, SpeaksHttp11AndRefusesAnOfferOfHttp2Alone) {
    const unsigned char both[] = "\x02h2\x08http/1.1";
    SSL_CTX_set_alpn_protos(context_, both, sizeof both - 1);
    ASSERT_TRUE(shake());
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client_, &chosen, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(TlsTest, RefusesHttp2Alone) {
    const unsigned char h2[] = "\x02h2";
    SSL_CTX_set_alpn_protos(context_, h2, sizeof h2 - 1);
    EXPECT_FALSE(shake());
}

TEST_F(TlsTest, RubbishIsRefused) {
    const std::string rubbish = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_EQ(send(pair_[0], rubbish.data(), rubbish.size(), 0), static_cast<ssize_t>(rubbish.size()));
    auto stream = server_->accept(pair_[1]);
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->handshake().error().code, ErrorCode::refused);
}

TEST_F(TlsTest, APeerThatLeavesInTheHandshakeIsRefused) {
    shutdown(pair_[0], SHUT_RDWR);
    auto stream = server_->accept(pair_[1]);
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->handshake().error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace outstation::crypto
