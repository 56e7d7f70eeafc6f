// SPDX-License-Identifier: GPL-3.0-or-later
// Making, keeping and naming the station's certificate (RFC 5280).
#include "lib/crypto/certificate.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <ctime>

#include "lib/crypto/bytes.hpp"
#include "lib/crypto/openssl.hpp"
#include "lib/crypto/private_file.hpp"

namespace outstation::crypto {
namespace {

constexpr std::time_t kEarliest = 1'767'225'600;  // 2026-01-01 UTC
constexpr std::chrono::hours kClockSkew{24};
constexpr std::size_t kSerialBytes = 16;

std::string pem_text(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

Result<std::string> encode_key(EVP_PKEY* key) {
    const BioPtr bio(BIO_new(BIO_s_secmem()));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail_openssl(ErrorCode::io, "write key");
    return pem_text(bio.get());
}

Result<std::string> encode_certificate(X509* certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1)
        return fail_openssl(ErrorCode::io, "write certificate");
    return pem_text(bio.get());
}

Result<PkeyPtr> parse_key(const std::string& pem) {
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return fail_openssl(ErrorCode::malformed, "key");
    return key;
}

Result<X509Ptr> parse_certificate(const std::string& pem) {
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) return fail_openssl(ErrorCode::malformed, "certificate");
    return certificate;
}

// Only what can stand in a SAN list without changing its meaning.
bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '.' || c == ':' || c == '_';
    });
}

std::string alternative_names(const CertificateRequest& request) {
    std::vector<std::string> entries{"DNS:localhost", "IP:127.0.0.1", "IP:::1"};
    const auto add = [&entries](const std::string& prefix, const std::string& name) {
        const std::string entry = prefix + name;
        if (is_name(name) && std::find(entries.begin(), entries.end(), entry) == entries.end())
            entries.push_back(entry);
    };
    for (const auto& name : request.dns_names) add("DNS:", name);
    for (const auto& address : request.ip_addresses) add("IP:", address);
    std::string text;
    for (const auto& entry : entries) text += (text.empty() ? "" : ",") + entry;
    return text;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) return false;
    const bool added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool set_serial(X509* certificate) {
    auto bytes = random_bytes(kSerialBytes);
    if (!bytes) return false;
    bytes->front() = static_cast<char>((static_cast<unsigned char>(bytes->front()) & 0x7fU) | 0x40U);
    BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()),
                               static_cast<int>(bytes->size()), nullptr);
    const bool set =
        number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
    BN_free(number);
    return set;
}

bool set_validity(X509* certificate, std::chrono::system_clock::time_point now) {
    const std::time_t start = std::max(std::chrono::system_clock::to_time_t(now - kClockSkew), kEarliest);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(kCertificateLifetime).count();
    return ASN1_TIME_set(X509_getm_notBefore(certificate), start) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), start + seconds) != nullptr;
}

bool set_names(X509* certificate) {
    const std::string name = "Outstation";
    X509_NAME* subject = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(name.data()),
                                      static_cast<int>(name.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

Result<X509Ptr> make_certificate(EVP_PKEY* key, const CertificateRequest& request) {
    X509Ptr made(X509_new());
    X509* certificate = made.get();
    const bool done = certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1 &&
                      set_serial(certificate) && set_validity(certificate, request.now) &&
                      set_names(certificate) && X509_set_pubkey(certificate, key) == 1 &&
                      add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
                      add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
                      add_extension(certificate, NID_subject_key_identifier, "hash") &&
                      add_extension(certificate, NID_subject_alt_name, alternative_names(request)) &&
                      X509_sign(certificate, key, EVP_sha256()) != 0;
    if (!done) return fail_openssl(ErrorCode::io, "make certificate");
    return made;
}

Result<PkeyPtr> ensure_key(const std::string& path) {
    auto pem = read_small_file(path);
    if (pem) {
        auto key = parse_key(*pem);
        wipe(*pem);
        if (!key) return fail(key.error().in(path));
        return key;
    }
    if (pem.error().code != ErrorCode::not_found) return fail(pem.error());
    PkeyPtr key(EVP_EC_gen("P-256"));
    if (!key) return fail_openssl(ErrorCode::io, "make key");
    auto text = encode_key(key.get());
    if (!text) return fail(text.error());
    const auto written = write_private_file(path, *text, 0600);
    wipe(*text);
    if (!written) return fail(written.error());
    return key;
}

Result<X509Ptr> ensure_certificate(const std::string& path, EVP_PKEY* key,
                                   const CertificateRequest& request) {
    const auto pem = read_small_file(path);
    if (pem) {
        auto certificate = parse_certificate(*pem);
        if (!certificate) return fail(certificate.error().in(path));
        if (X509_check_private_key(certificate->get(), key) != 1)
            return fail_openssl(ErrorCode::config, path + " does not belong to the key beside it");
        return certificate;
    }
    if (pem.error().code != ErrorCode::not_found) return fail(pem.error());
    auto certificate = make_certificate(key, request);
    if (!certificate) return certificate;
    const auto text = encode_certificate(certificate->get());
    if (!text) return fail(text.error());
    if (const auto written = write_private_file(path, *text, 0644); !written) return fail(written.error());
    return certificate;
}

Result<std::string> fingerprint(const X509* certificate) {
    Digest digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
        return fail_openssl(ErrorCode::io, "certificate digest");
    std::string text;
    for (const char c : to_hex(digest)) {
        if (text.size() % 3 == 2) text += ':';
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return text;
}

}  // namespace

Result<StationCertificate> ensure_station_certificate(const std::string& folder,
                                                      const CertificateRequest& request) {
    StationCertificate station{folder + "/station.crt", folder + "/station.key", {}};
    const auto key = ensure_key(station.key_path);
    if (!key) return fail(key.error());
    const auto certificate = ensure_certificate(station.certificate_path, key->get(), request);
    if (!certificate) return fail(certificate.error());
    auto text = fingerprint(certificate->get());
    if (!text) return fail(text.error());
    station.sha256 = std::move(*text);
    return station;
}

}  // namespace outstation::crypto
