// SPDX-License-Identifier: GPL-3.0-or-later
// Accepting, checking and routing.
#include "lib/ipc/server.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace outstation::ipc {
namespace {

constexpr Duration kPauseWithoutDescriptors = std::chrono::milliseconds(100);

// The lock file stays when the server goes: removing it would let two servers hold two files of one name.
Result<UniqueFd> lock_socket(const std::string& path) {
    const std::string name = path + ".lock";
    UniqueFd fd(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail_errno("open " + name, errno);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK) return fail_errno("lock " + name, errno);
    return outstation::fail(ErrorCode::refused, "another process serves " + path + " already");
}

}  // namespace

class Server::Connection : public Peer {
  public:
    Connection(Server& server, std::uint64_t number, uid_t uid, UniqueFd fd) {
        number_ = number;
        uid_ = uid;
        channel_ = std::make_unique<Channel>(
            server.loop_, std::move(fd),
            Channel::Events{[this, &server](const Frame& frame) { server.on_frame(*this, frame); },
                            [&server, number](const Error& error) { server.drop(number, error); }});
        deadline_ = server.loop_.after(server.options_.hello_within, [&server, number] {
            server.drop(number, Error{ErrorCode::timeout, "no Hello in time"});
        });
    }
    void send(std::uint16_t type, std::uint32_t id, std::string_view body) override {
        if (!channel_) return;
        const auto sent = channel_->send(type, id, body);
        if (!sent && sent.error().code == ErrorCode::exhausted && id != 0) {
            const auto reply = wire::encode(wire::ErrorReply{"exhausted", sent.error().text});
            if (!channel_->send(wire::ErrorReply::kType, id, reply)) return;  // the channel closes itself
        }
    }
    [[nodiscard]] std::size_t queued_bytes() const override {
        return channel_ ? channel_->queued_bytes() : 0;
    }
    void set_hello(wire::Hello hello) {
        hello_ = std::move(hello);
        greeted_ = true;
        deadline_.cancel();
    }
    [[nodiscard]] bool greeted() const { return greeted_; }
    void disconnect() { channel_.reset(); }

  private:
    std::unique_ptr<Channel> channel_;
    Timer deadline_;
    bool greeted_ = false;
};

bool Peer::is_console() const {
    return uid_ == 0 || uid_ == geteuid();
}

Result<std::unique_ptr<Server>> Server::listen(Loop& loop, Options options) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (options.path.size() >= sizeof address.sun_path)
        return outstation::fail(ErrorCode::config, "socket path too long: " + options.path);
    std::memcpy(address.sun_path, options.path.data(), options.path.size());
    auto lock = lock_socket(options.path);
    if (!lock) return outstation::fail(lock.error());
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket", errno);
    unlink(options.path.c_str());
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("bind " + options.path, errno);
    if (chmod(options.path.c_str(), options.mode) != 0) return fail_errno("chmod " + options.path, errno);
    if (::listen(fd.get(), 64) != 0) return fail_errno("listen " + options.path, errno);
    return std::unique_ptr<Server>(new Server(loop, std::move(options), std::move(*lock), std::move(fd)));
}

Server::Server(Loop& loop, Options options, UniqueFd lock, UniqueFd fd)
    : loop_(loop), options_(std::move(options)), lock_(std::move(lock)), fd_(std::move(fd)) {
    watch_ = loop_.watch(fd_.get(), Interest::read, [this](Ready) { accept_one(); });
}

Server::~Server() {
    *alive_ = false;
    watch_.cancel();
    unlink(options_.path.c_str());
}

void Server::told(const std::string& text) const {
    if (options_.on_refused) options_.on_refused(text);
}

bool Server::allowed(uid_t uid) const {
    if (uid == 0 || uid == geteuid()) return true;
    return std::find(options_.allowed_uids.begin(), options_.allowed_uids.end(), uid) !=
           options_.allowed_uids.end();
}

void Server::accept_one() {
    UniqueFd fd(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
        return;
    }
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
        !allowed(credentials.uid)) {
        return told("user " + std::to_string(credentials.uid) + " is not allowed on this socket");
    }
    if (peers_.size() >= options_.max_peers)
        return told("more than " + std::to_string(options_.max_peers) + " peers");
    const std::uint64_t number = ++accepted_;
    peers_.emplace(number, std::make_shared<Connection>(*this, number, credentials.uid, std::move(fd)));
}

// Without descriptors the socket would stay readable and spin the loop.
void Server::pause() {
    watch_.set_interest(Interest::none);
    resume_ = loop_.after(kPauseWithoutDescriptors, [this] { watch_.set_interest(Interest::read); });
}

void Server::on_frame(Connection& connection, const Frame& frame) {
    const auto found = peers_.find(connection.number());
    if (found == peers_.end()) return;  // an earlier frame of the same read cut it off
    const auto self = found->second;    // keeps it alive through the handler
    const auto alive = alive_;
    Result<void> result;
    if (!connection.greeted()) {
        auto hello = frame.type == wire::Hello::kType
                         ? wire::decode<wire::Hello>(frame.body)
                         : Result<wire::Hello>(outstation::fail(ErrorCode::malformed, "no Hello"));
        if (!hello) return drop(connection.number(), hello.error());
        return self->set_hello(std::move(*hello));
    }
    const auto handler = handlers_.find(frame.type);
    if (handler == handlers_.end()) {
        Responder(self->weak_from_this(), frame.id)
            .fail(Error{ErrorCode::not_found, "unknown request " + std::to_string(frame.type)});
        return;
    }
    result = handler->second(*self, frame);
    if (*alive && !result) drop(connection.number(), result.error());
}

void Server::drop(std::uint64_t number, const Error& error) {
    const auto it = peers_.find(number);
    if (it == peers_.end()) return;
    const auto connection = it->second;
    peers_.erase(it);
    if (error.code != ErrorCode::not_found)
        told("peer " + connection->hello().daemon + " cut off: " + error.text);
    if (connection->greeted() && on_disconnected_) on_disconnected_(*connection);
    // The channel may be what calls us: let it go in the next turn.
    loop_.post([connection] { connection->disconnect(); });
}

}  // namespace outstation::ipc
