// SPDX-License-Identifier: GPL-3.0-or-later
// libmicrohttpd on our loop: its epoll descriptor is watched, its requests become Request and Response.
#include "lib/http/server.hpp"

#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <set>

#include "lib/http/policy.hpp"

namespace outstation::http {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

struct HeaderSink {
    std::vector<Field>* fields;
    std::size_t limit;
};

MHD_Result take_header(void* sink, MHD_ValueKind, const char* name, const char* value) {
    auto& [fields, limit] = *static_cast<HeaderSink*>(sink);
    if (fields->size() >= limit) return MHD_NO;
    fields->push_back({lower(name), value != nullptr ? value : ""});
    return MHD_YES;
}

// libmicrohttpd must not decode: lib/http/target.hpp does, strictly.
std::size_t leave_escaped(void*, MHD_Connection*, char* text) {
    return std::char_traits<char>::length(text);
}

void free_body(void* body) {
    delete static_cast<std::shared_ptr<const std::string>*>(body);
}

MHD_Response* make_mhd_response(const Response& response) {
    MHD_Response* made = nullptr;
    if (response.body && !response.body->empty()) {
        made = MHD_create_response_from_buffer_with_free_callback_cls(
            response.body->size(), const_cast<char*>(response.body->data()), free_body,
            new std::shared_ptr<const std::string>(response.body));
    } else {
        made = MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
    }
    for (const Field& field : response.headers) {
        if (made != nullptr) MHD_add_response_header(made, field.name.c_str(), field.value.c_str());
    }
    return made;
}

struct Exchange;

// One client, as long as libmicrohttpd keeps it.
struct Client {
    int fd = -1;
    std::string peer;
    Timer deadline;
    std::unique_ptr<Exchange> exchange;
};

// One request and its answer.
struct Exchange {
    enum class Phase { headers, body, handling, answered };

    MHD_Connection* connection = nullptr;
    Client* client = nullptr;
    std::string raw_target;
    std::shared_ptr<Request> request = std::make_shared<Request>();
    Phase phase = Phase::headers;
    bool too_large = false;
    bool inside_handler = false;
    bool suspended = false;
    std::optional<Response> response;
    std::function<void(Exchange*)> forget;  // cuts the responder off
};

}  // namespace

struct Responder::Slot {
    Server::State* server = nullptr;
    Exchange* exchange = nullptr;  // null when answered or gone
    ~Slot();
};

struct Server::State {
    State(Loop& loop_in, ServerLimits limits_in, Handler handler_in, MakeError make_error_in)
        : loop(loop_in),
          limits(limits_in),
          handler(std::move(handler_in)),
          make_error(std::move(make_error_in)) {}
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Result<void> start();
    void run();
    void run_soon();
    void answer(Exchange& exchange, Response response);

    void on_connection(MHD_Connection* connection, void** context, bool started);
    Exchange* on_target(MHD_Connection* connection, const char* uri);
    void on_completed(MHD_Connection* connection);
    MHD_Result on_headers(Exchange& exchange, const char* method, const char* version);
    MHD_Result on_body(Exchange& exchange, const char* data, std::size_t& size);
    MHD_Result on_request(Exchange& exchange);
    MHD_Result refuse(Exchange& exchange, int status, std::string message);
    MHD_Result queue(Exchange& exchange);
    void set_deadline(Client& client, Duration after);

    static MHD_Result access(void* self, MHD_Connection*, const char*, const char* method,
                             const char* version, const char* data, std::size_t* size, void** context);

    Loop& loop;
    ServerLimits limits;
    Handler handler;
    MakeError make_error;
    MHD_Daemon* daemon = nullptr;
    std::map<int, std::string> arriving;  // peer by descriptor, until libmicrohttpd tells of the connection
    std::map<Client*, std::unique_ptr<Client>> clients;
    std::uint64_t requests = 0;
    bool stopping = false;
    Watch watch;
    Timer again;
};

namespace {

Client& client_of(MHD_Connection* connection) {
    const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return *static_cast<Client*>(info->socket_context);
}

}  // namespace

Responder::Slot::~Slot() {
    if (exchange != nullptr)
        server->answer(*exchange, server->make_error(500, "the request was not answered"));
}

void Responder::send(Response response) const {
    if (slot_->exchange == nullptr) return;
    slot_->server->answer(*std::exchange(slot_->exchange, nullptr), std::move(response));
}

MHD_Result Server::State::access(void* self, MHD_Connection*, const char*, const char* method,
                                 const char* version, const char* data, std::size_t* size, void** context) {
    auto& state = *static_cast<State*>(self);
    if (*context == nullptr) return MHD_NO;
    auto& exchange = *static_cast<Exchange*>(*context);
    if (exchange.phase == Exchange::Phase::headers) return state.on_headers(exchange, method, version);
    if (*size > 0) return state.on_body(exchange, data, *size);
    if (exchange.phase == Exchange::Phase::body) return state.on_request(exchange);
    return state.queue(exchange);  // resumed with the answer
}

Result<void> Server::State::start() {
    const auto on_connection_c = [](void* self, MHD_Connection* connection, void** context,
                                    MHD_ConnectionNotificationCode code) {
        static_cast<State*>(self)->on_connection(connection, context, code == MHD_CONNECTION_NOTIFY_STARTED);
    };
    const auto on_completed_c = [](void* self, MHD_Connection* connection, void** context,
                                   MHD_RequestTerminationCode) {
        static_cast<State*>(self)->on_completed(connection);
        *context = nullptr;
    };
    const auto on_target_c = [](void* self, const char* uri, MHD_Connection* connection) -> void* {
        return static_cast<State*>(self)->on_target(connection, uri);
    };
    daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
        &State::access, this, MHD_OPTION_URI_LOG_CALLBACK,
        static_cast<void* (*)(void*, const char*, MHD_Connection*)>(on_target_c), this,
        MHD_OPTION_NOTIFY_CONNECTION, static_cast<MHD_NotifyConnectionCallback>(on_connection_c), this,
        MHD_OPTION_NOTIFY_COMPLETED, static_cast<MHD_RequestCompletedCallback>(on_completed_c), this,
        MHD_OPTION_UNESCAPE_CALLBACK, &leave_escaped, nullptr, MHD_OPTION_CONNECTION_LIMIT,
        static_cast<unsigned>(limits.connections), MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.header_bytes,
        MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (daemon == nullptr) return fail(ErrorCode::io, "libmicrohttpd did not start");
    const auto* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr) return fail(ErrorCode::io, "libmicrohttpd has no epoll descriptor");
    watch = loop.watch(info->epoll_fd, Interest::read, [this](Ready) { run(); });
    return {};
}

Server::State::~State() {
    stopping = true;
    std::vector<Exchange*> open;
    for (const auto& [client, owner] : clients) {
        if (client->exchange && client->exchange->suspended) open.push_back(client->exchange.get());
    }
    for (Exchange* exchange : open) {
        exchange->forget(exchange);
        answer(*exchange, make_error(503, "the station is stopping"));
    }
    if (daemon != nullptr) {
        MHD_run(daemon);
        MHD_stop_daemon(daemon);
    }
}

void Server::State::run() {
    MHD_run(daemon);
    unsigned long long ms = 0;
    if (MHD_get_timeout(daemon, &ms) == MHD_YES) {
        again = loop.after(std::chrono::milliseconds(ms), [this] { run(); });
    } else {
        again.cancel();
    }
}

void Server::State::run_soon() {
    if (!stopping) again = loop.after(Duration{0}, [this] { run(); });
}

void Server::State::set_deadline(Client& client, Duration after) {
    if (stopping) return;  // the loop may be gone already
    client.deadline = loop.after(after, [fd = client.fd] { shutdown(fd, SHUT_RDWR); });
}

void Server::State::on_connection(MHD_Connection* connection, void** context, bool started) {
    if (!started) {
        clients.erase(static_cast<Client*>(*context));
        *context = nullptr;
        return;
    }
    auto client = std::make_unique<Client>();
    client->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    if (auto node = arriving.extract(client->fd)) client->peer = std::move(node.mapped());
    set_deadline(*client, limits.request);
    *context = client.get();
    Client* raw = client.get();
    clients.emplace(raw, std::move(client));
}

Exchange* Server::State::on_target(MHD_Connection* connection, const char* uri) {
    Client& client = client_of(connection);
    client.exchange = std::make_unique<Exchange>();
    client.exchange->connection = connection;
    client.exchange->client = &client;
    client.exchange->raw_target = uri;
    return client.exchange.get();
}

void Server::State::on_completed(MHD_Connection* connection) {
    Client& client = client_of(connection);
    if (client.exchange && client.exchange->forget) client.exchange->forget(client.exchange.get());
    client.exchange.reset();
    set_deadline(client, limits.request);
}

MHD_Result Server::State::on_headers(Exchange& exchange, const char* method, const char* version) {
    exchange.phase = Exchange::Phase::body;
    ++requests;
    Request& request = *exchange.request;
    request.method = parse_method(method);
    request.peer = exchange.client->peer;
    HeaderSink sink{&request.headers, limits.headers};
    const int offered = MHD_get_connection_values(exchange.connection, MHD_HEADER_KIND, &take_header, &sink);
    if (std::string_view(version) != MHD_HTTP_VERSION_1_1) return refuse(exchange, 505, "HTTP/1.1 only");
    if (offered < 0 || static_cast<std::size_t>(offered) > limits.headers)
        return refuse(exchange, 431, "more than " + std::to_string(limits.headers) + " headers");
    auto target = parse_target(exchange.raw_target);
    if (!target) return refuse(exchange, 400, target.error().text);
    request.target = std::move(*target);
    const std::string_view length = request.header("content-length");
    std::uint64_t announced = 0;
    std::from_chars(length.data(), length.data() + length.size(), announced);
    if (announced > limits.body_bytes) return refuse(exchange, 413, "body too large");
    return MHD_YES;
}

MHD_Result Server::State::on_body(Exchange& exchange, const char* data, std::size_t& size) {
    if (exchange.phase != Exchange::Phase::body) {  // refused already
        size = 0;
        return MHD_YES;
    }
    std::string& body = exchange.request->body;
    if (body.size() + size > limits.body_bytes) exchange.too_large = true;
    if (exchange.too_large) {
        // An answer is possible only at the end of the body; a client that goes on and on is cut off.
        body.resize(std::min(body.size() + size, 2 * limits.body_bytes + 1));
        if (body.size() > 2 * limits.body_bytes) return MHD_NO;
    } else {
        body.append(data, size);
    }
    size = 0;
    return MHD_YES;
}

MHD_Result Server::State::on_request(Exchange& exchange) {
    exchange.client->deadline.cancel();
    if (exchange.too_large) return refuse(exchange, 413, "body too large");
    exchange.phase = Exchange::Phase::handling;
    auto slot = std::make_shared<Responder::Slot>();
    slot->server = this;
    slot->exchange = &exchange;
    exchange.forget = [weak = std::weak_ptr(slot)](Exchange*) {
        if (const auto held = weak.lock()) held->exchange = nullptr;
    };
    exchange.inside_handler = true;
    handler(exchange.request, Responder(std::move(slot)));
    exchange.inside_handler = false;
    if (exchange.response) return queue(exchange);
    exchange.suspended = true;
    MHD_suspend_connection(exchange.connection);
    return MHD_YES;
}

void Server::State::answer(Exchange& exchange, Response response) {
    exchange.response = std::move(response);
    if (exchange.inside_handler || !exchange.suspended) return;
    exchange.suspended = false;
    MHD_resume_connection(exchange.connection);
    run_soon();
}

MHD_Result Server::State::refuse(Exchange& exchange, int status, std::string message) {
    exchange.response = make_error(status, std::move(message));
    exchange.response->with("Connection", "close");
    return queue(exchange);
}

MHD_Result Server::State::queue(Exchange& exchange) {
    if (!exchange.response) return MHD_YES;
    exchange.phase = Exchange::Phase::answered;
    complete_response(*exchange.request, *exchange.response);
    set_deadline(*exchange.client, limits.response);
    MHD_Response* made = make_mhd_response(*exchange.response);
    if (made == nullptr) return MHD_NO;
    const MHD_Result queued =
        MHD_queue_response(exchange.connection, static_cast<unsigned>(exchange.response->status), made);
    MHD_destroy_response(made);
    exchange.response.reset();
    return queued;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::make(Loop& loop, ServerLimits limits, Handler handler,
                                             MakeError make_error) {
    auto state = std::make_unique<State>(loop, limits, std::move(handler), std::move(make_error));
    if (const auto started = state->start(); !started) return fail(started.error());
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::adopt(UniqueFd fd, std::string peer) {
    sockaddr_in nobody{};  // libmicrohttpd wants an address and we do not ask it for one
    nobody.sin_family = AF_INET;
    const int raw = fd.release();  // libmicrohttpd closes it, whatever happens
    state_->arriving[raw] = std::move(peer);
    if (MHD_add_connection(state_->daemon, raw, reinterpret_cast<const sockaddr*>(&nobody), sizeof nobody) !=
        MHD_YES)
        state_->arriving.erase(raw);
    state_->run_soon();
}

std::size_t Server::connections() const {
    return state_->clients.size();
}

std::uint64_t Server::requests() const {
    return state_->requests;
}

}  // namespace outstation::http
