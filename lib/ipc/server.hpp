// SPDX-License-Identifier: GPL-3.0-or-later
// The serving end of a daemon's Unix socket: accepts peers whose user is allowed (SO_PEERCRED), routes their
// requests by type, cuts off whoever sends something malformed. Threads: the loop's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/ipc/channel.hpp"
#include "lib/wire/control_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::ipc {

// One connected peer. Lives until its connection ends; hold `weak_from_this()` across turns of the loop.
class Peer : public std::enable_shared_from_this<Peer> {
  public:
    virtual ~Peer() = default;
    [[nodiscard]] std::uint64_t number() const { return number_; }  // unique while the server lives
    [[nodiscard]] uid_t uid() const { return uid_; }
    [[nodiscard]] const wire::Hello& hello() const { return hello_; }
    // Root, or the user this daemon runs as: may do what only the console may.
    [[nodiscard]] bool is_console() const;

    // Sends without being asked. A peer that is gone or does not read is found out by its channel: nothing to
    // handle here.
    template <typename Message>
    void push(const Message& message) {
        send(Message::kType, 0, wire::encode(message));
    }
    virtual void send(std::uint16_t type, std::uint32_t id, std::string_view body) = 0;
    [[nodiscard]] virtual std::size_t queued_bytes() const = 0;

  protected:
    std::uint64_t number_ = 0;
    uid_t uid_ = 0;
    wire::Hello hello_;
};

// Answers one request, now or later, once. The peer may be gone by then.
class Responder {
  public:
    Responder(std::weak_ptr<Peer> peer, std::uint32_t id) : peer_(std::move(peer)), id_(id) {}
    template <typename Message>
    void reply(const Message& message) const {
        if (const auto peer = peer_.lock()) peer->send(Message::kType, id_, wire::encode(message));
    }
    template <typename Message>
    void reply(const wire::Encoded<Message>& message) const {
        if (const auto peer = peer_.lock()) peer->send(Message::kType, id_, message.bytes);
    }
    void fail(const Error& error) const {
        reply(wire::ErrorReply{std::string(error_code_name(error.code)), error.text});
    }

  private:
    std::weak_ptr<Peer> peer_;
    std::uint32_t id_;
};

class Server {
  public:
    struct Options {
        std::string path;  // of the socket; one left behind by a process that ended is replaced
        std::vector<uid_t> allowed_uids;  // besides root and our own user
        unsigned mode = 0660;             // of the socket file
        std::size_t max_peers = 64;
        Duration hello_within{
            std::chrono::seconds(10)};  // of connecting; a peer that says nothing is cut off
        std::function<void(const std::string&)> on_refused;  // why a peer was refused or cut off, for the log
    };
    // Holds PATH.lock exclusively (flock) as long as the server lives. Fails with refused while another
    // server has it, with config when the path is too long, with io.
    [[nodiscard]] static Result<std::unique_ptr<Server>> listen(Loop& loop, Options options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Routes requests of this type. A body that does not decode cuts the peer off.
    template <typename Request>
    void on(std::function<void(Peer&, const Request&, const Responder&)> handler) {
        handlers_[Request::kType] = [handler = std::move(handler)](Peer& peer,
                                                                   const Frame& frame) -> Result<void> {
            const auto request = wire::decode<Request>(frame.body);
            if (!request) return outstation::fail(request.error());
            handler(peer, *request, Responder(peer.weak_from_this(), frame.id));
            return {};
        };
    }
    void on_disconnected(std::function<void(Peer&)> handler) { on_disconnected_ = std::move(handler); }
    // Ends the connection of a peer whose request decodes but means nothing.
    void cut_off(const Peer& peer, const Error& error) { drop(peer.number(), error); }
    [[nodiscard]] std::size_t peers() const { return peers_.size(); }

  private:
    class Connection;
    using Handler = std::function<Result<void>(Peer&, const Frame&)>;

    Server(Loop& loop, Options options, UniqueFd lock, UniqueFd fd);
    void accept_one();
    void pause();
    [[nodiscard]] bool allowed(uid_t uid) const;
    void on_frame(Connection& connection, const Frame& frame);
    void drop(std::uint64_t number, const Error& error);
    void told(const std::string& text) const;

    Loop& loop_;
    Options options_;
    UniqueFd lock_;
    UniqueFd fd_;
    std::map<std::uint16_t, Handler> handlers_;
    std::function<void(Peer&)> on_disconnected_;
    std::map<std::uint64_t, std::shared_ptr<Connection>> peers_;
    std::uint64_t accepted_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Watch watch_;
    Timer resume_;
};

}  // namespace outstation::ipc
