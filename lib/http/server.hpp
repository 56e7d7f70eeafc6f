// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1.1 over connected sockets that somebody hands over (a TlsListener, a test). libmicrohttpd parses and
// writes; our loop drives it. Handlers answer at once or later. Limits are absolute: a client that drips
// bytes gains no time. Threads: the loop's. Standards: RFC 9110, RFC 9112.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"
#include "lib/http/message.hpp"

namespace outstation::http {

struct ServerLimits {
    std::size_t connections = 256;
    std::size_t header_bytes = 16 * 1024;  // request line and headers; more is 431 (target: 414)
    std::size_t body_bytes = 64 * 1024;    // more is 413
    std::size_t headers = 64;
    Duration request{std::chrono::seconds(30)};  // for a whole request, from the end of the answer before it
    Duration response{std::chrono::seconds(120)};  // for the client to take a whole answer
};

// Answers one request, once, now or later. Copies answer the same request. When the last copy goes without an
// answer, the client gets a 500. The client may be gone by then; that is nobody's business here.
class Responder {
  public:
    void send(Response response) const;

  private:
    friend class Server;
    struct Slot;
    explicit Responder(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}
    std::shared_ptr<Slot> slot_;
};

class Server {
  public:
    using Handler = std::function<void(std::shared_ptr<Request>, Responder)>;
    // The body of an error that is found here (400, 405, 413, 500, 503, 505).
    using MakeError = std::function<Response(int status, std::string message)>;

    [[nodiscard]] static Result<std::unique_ptr<Server>> make(Loop& loop, ServerLimits limits,
                                                              Handler handler, MakeError make_error);
    // Closes every connection; requests still open are answered with 503 as far as the client takes it. Not
    // from inside a handler.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Serves a connected non-blocking stream socket. `peer` is the client's address for Request::peer.
    void adopt(UniqueFd fd, std::string peer);

    [[nodiscard]] std::size_t connections() const;
    [[nodiscard]] std::uint64_t requests() const;

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
    friend class Responder;
};

}  // namespace outstation::http
