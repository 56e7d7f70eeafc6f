// SPDX-License-Identifier: GPL-3.0-or-later
// Starting and stopping the web server.
#include "daemons/webd/app.hpp"

#include <unistd.h>

#include "lib/crypto/certificate.hpp"

namespace outstation::webd {
namespace {

std::string host_name() {
    char name[256] = "";
    return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

bool is_address(const std::string& text) {
    return text.find(':') != std::string::npos || text.find_first_not_of("0123456789.") == std::string::npos;
}

// "[::1]:8443" without brackets and port.
std::string host_of(const std::string& listen) {
    std::string host = listen.substr(0, listen.rfind(':'));
    if (!host.empty() && host.front() == '[') host = host.substr(1, host.size() - 2);
    return host;
}

crypto::CertificateRequest certificate_request(const Settings& settings, WallTime now) {
    crypto::CertificateRequest request;
    request.dns_names.push_back(host_name());
    for (const std::string& name : settings.certificate_names)
        (is_address(name) ? request.ip_addresses : request.dns_names).push_back(name);
    for (const std::string& listen : settings.listen) {
        const std::string host = host_of(listen);
        if (host != "0.0.0.0" && host != "::") request.ip_addresses.push_back(host);
    }
    request.now = std::chrono::time_point_cast<std::chrono::system_clock::duration>(now);
    return request;
}

}  // namespace

// Addresses take effect at the next start; the files of the UI at once.
void App::commit() {
    settings_ = std::move(next_);
    if (site_) load_files();
}

Result<void> App::start(runtime::Context& context) {
    context_ = &context;
    auto tls = open_certificate();
    if (!tls) return fail(tls.error());
    site_ = std::make_unique<Site>(
        context.loop(), Site::Parts{context.state_dir(), fingerprint_, [&context](const std::string& daemon) {
                                        return context.client(daemon);
                                    }});
    load_files();
    auto server = http::Server::make(
        context.loop(), http::ServerLimits{},
        [this](std::shared_ptr<http::Request> request, const http::Responder& responder) {
            site_->handle(std::move(request), responder);
        },
        protocol_error);
    if (!server) return fail(server.error());
    server_ = std::move(*server);
    if (auto listening = listen(std::move(*tls)); !listening) return listening;
    site_->start();
    return {};
}

Result<crypto::TlsServer> App::open_certificate() {
    const auto station = crypto::ensure_station_certificate(
        context_->state_dir(), certificate_request(settings_, context_->loop().wall()));
    if (!station) return fail(station.error());
    fingerprint_ = station->sha256;
    return crypto::TlsServer::make(station->certificate_path, station->key_path);
}

void App::load_files() {
    auto files = StaticFiles::read(settings_.ui_dir);
    if (!files) return context_->log().warning("UI_MISSING", files.error().text);
    context_->log().info("UI_LOADED", settings_.ui_dir + ": " + std::to_string(files->size()) + " files");
    site_->set_files(std::move(*files));
}

Result<void> App::listen(crypto::TlsServer tls) {
    auto listener = http::TlsListener::open(
        context_->loop(), std::move(tls), settings_.listen, http::ListenLimits{},
        [this](UniqueFd fd, std::string peer) { server_->adopt(std::move(fd), std::move(peer)); });
    if (!listener) return fail(listener.error());
    listener_ = std::move(*listener);
    std::string addresses;
    for (const std::string& address : settings_.listen) addresses += " https://" + address + "/";
    context_->log().info("LISTENING", "at" + addresses + " with certificate SHA-256 " + fingerprint_);
    return {};
}

void App::drain(std::function<void()> drained) {
    listener_.reset();
    server_.reset();
    drained();
}

void App::describe(std::vector<wire::StatusField>& out) const {
    for (const std::string& address : settings_.listen) out.push_back({"listen", "https://" + address + "/"});
    out.push_back({"certificate_sha256", fingerprint_});
    if (server_) out.push_back({"connections", std::to_string(server_->connections())});
}

void App::metrics(runtime::Metrics& out) const {
    if (!server_ || !listener_) return;
    const auto counters = listener_->counters();
    out.counter("outstation_http_connections", "Connections accepted since the start of webd.",
                counters.accepted);
    out.counter("outstation_http_connections_refused", "Connections closed by a limit.", counters.refused);
    out.gauge("outstation_http_connections_open", "Connections open now.",
              static_cast<double>(counters.open));
    out.counter("outstation_http_requests", "Requests since the start of webd.", server_->requests());
}

}  // namespace outstation::webd
