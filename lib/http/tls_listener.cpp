// SPDX-License-Identifier: GPL-3.0-or-later
// Binding, accepting within limits, and the thread around it.
#include "lib/http/tls_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <map>
#include <optional>

#include "lib/http/relay.hpp"

namespace outstation::http {
namespace {

using namespace std::chrono_literals;
constexpr int kBacklog = 128;
constexpr Duration kPauseWithoutDescriptors = 100ms;
constexpr Duration kTimeOfStrangers = 250ms;  // also bounds the handshakes one address can make us do

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress make_address(const in_addr& host, std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr = host;
    v4.sin_port = htons(port);
    SocketAddress address;
    std::memcpy(&address.storage, &v4, address.size = sizeof v4);
    return address;
}

SocketAddress make_address(const in6_addr& host, std::uint16_t port) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = host;
    v6.sin6_port = htons(port);
    SocketAddress address;
    std::memcpy(&address.storage, &v6, address.size = sizeof v6);
    return address;
}

std::optional<SocketAddress> parse_address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    const bool bracketed = text.front() == '[' && text[colon - 1] == ']';
    const std::string host = bracketed ? text.substr(1, colon - 2) : text.substr(0, colon);
    in_addr v4{};
    in6_addr v6{};
    if (!bracketed && inet_pton(AF_INET, host.c_str(), &v4) == 1) return make_address(v4, port);
    if (bracketed && inet_pton(AF_INET6, host.c_str(), &v6) == 1) return make_address(v6, port);
    return std::nullopt;
}

Result<UniqueFd> listen_on(const std::string& text) {
    const auto address = parse_address(text);
    if (!address)
        return fail(ErrorCode::config, text + ": expected an address and a port, like 127.0.0.1:8443");
    UniqueFd fd(socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno("socket", errno);
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->storage.ss_family == AF_INET6)
        setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd.get(), address->get(), address->size) != 0) return fail_errno("listen on " + text, errno);
    if (listen(fd.get(), kBacklog) != 0) return fail_errno("listen on " + text, errno);
    return fd;
}

std::uint16_t port_of(int fd) {
    SocketAddress address;
    address.size = sizeof address.storage;
    if (getsockname(fd, address.get(), &address.size) != 0) return 0;
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);  // the port stands at the same place in sockaddr_in6
    return ntohs(v4.sin_port);
}

// The address as text, and the text under which connections are counted.
struct Source {
    std::string text;
    std::string counted_as;
};

Source source_of(const SocketAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address.storage, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        return {text, text};
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    return {text, std::string(reinterpret_cast<const char*>(v6.sin6_addr.s6_addr), 8)};
}

// SIGPIPE from a client that left, and the daemon's signals: none of them belongs to this thread.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// Everything that lives on the thread.
class TlsListener::Acceptor {
  public:
    Acceptor(Loop& loop, crypto::TlsServer tls, ListenLimits limits, OnConnection on_connection)
        : loop_(loop), tls_(std::move(tls)), limits_(limits), on_connection_(std::move(on_connection)) {}

    void add_socket(UniqueFd fd) {
        watches_.push_back(
            loop_.watch(fd.get(), Interest::read, [this, raw = fd.get()](Ready) { accept_one(raw); }));
        sockets_.push_back(std::move(fd));
    }
    [[nodiscard]] Counters counters() const { return {accepted_, refused_, established_, open_}; }

  private:
    struct Client {
        std::string counted_as;
        std::unique_ptr<Relay> relay;
    };

    void accept_one(int listening) {
        SocketAddress address;
        address.size = sizeof address.storage;
        UniqueFd fd(accept4(listening, address.get(), &address.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
            return;
        }
        ++accepted_;
        const Source source = source_of(address);
        if (!has_room(source)) {
            ++refused_;
            forget_empty(source.counted_as);
            return;
        }
        admit(std::move(fd), source);
    }

    [[nodiscard]] bool has_room(const Source& source) {
        const auto own = per_address_.find(source.counted_as);
        const bool address_full = own != per_address_.end() && own->second >= limits_.connections_per_address;
        if (address_full) return make_room(&source.counted_as);
        return clients_.size() < limits_.connections || make_room(nullptr);
    }

    // Closes the oldest stranger, of this address or of any.
    [[nodiscard]] bool make_room(const std::string* counted_as) {
        for (auto& [number, client] : clients_) {  // in the order of their coming
            const bool wanted = counted_as == nullptr || client.counted_as == *counted_as;
            if (!wanted || client.relay->served() || loop_.now() - client.relay->opened() < kTimeOfStrangers)
                continue;
            ++refused_;
            const std::uint64_t oldest = number;
            client.relay->close();
            remove(oldest);
            return true;
        }
        return false;
    }

    void admit(UniqueFd fd, const Source& source) {
        const int on = 1;
        setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto stream = tls_.accept(fd.get());
        if (!stream) return forget_empty(source.counted_as);
        ++per_address_[source.counted_as];
        ++open_;
        const std::uint64_t number = ++created_;
        Relay::Events events;
        events.on_established = [this, text = source.text](UniqueFd end) {
            ++established_;
            on_connection_(std::move(end), text);
        };
        events.on_closed = [this, number] { loop_.post([this, number] { remove(number); }); };
        clients_.emplace(number, Client{source.counted_as,
                                        std::make_unique<Relay>(loop_, std::move(fd), std::move(*stream),
                                                                limits_.handshake, std::move(events))});
    }

    void remove(std::uint64_t number) {
        const auto it = clients_.find(number);
        if (it == clients_.end()) return;
        --per_address_[it->second.counted_as];
        forget_empty(it->second.counted_as);
        clients_.erase(it);
        --open_;
    }

    void forget_empty(const std::string& counted_as) {
        const auto it = per_address_.find(counted_as);
        if (it != per_address_.end() && it->second == 0) per_address_.erase(it);
    }

    // Without descriptors the listening sockets would stay readable and spin the thread.
    void pause() {
        for (Watch& watch : watches_) watch.set_interest(Interest::none);
        resume_ = loop_.after(kPauseWithoutDescriptors, [this] {
            for (Watch& watch : watches_) watch.set_interest(Interest::read);
        });
    }

    Loop& loop_;
    crypto::TlsServer tls_;
    ListenLimits limits_;
    OnConnection on_connection_;
    std::vector<UniqueFd> sockets_;
    std::vector<Watch> watches_;
    std::map<std::uint64_t, Client> clients_;
    std::map<std::string, std::size_t> per_address_;
    std::uint64_t created_ = 0;
    Timer resume_;
    std::atomic<std::uint64_t> accepted_ = 0;
    std::atomic<std::uint64_t> refused_ = 0;
    std::atomic<std::uint64_t> established_ = 0;
    std::atomic<std::uint64_t> open_ = 0;
};

Result<std::unique_ptr<TlsListener>> TlsListener::open(Loop& loop, crypto::TlsServer tls,
                                                       const std::vector<std::string>& addresses,
                                                       ListenLimits limits, OnConnection on_connection) {
    std::unique_ptr<TlsListener> listener(new TlsListener());
    auto thread_loop = make_epoll_loop();
    if (!thread_loop) return fail(thread_loop.error());
    listener->thread_loop_ = std::move(*thread_loop);
    auto hand_over = [&loop, alive = listener->alive_, on_connection = std::move(on_connection)](
                         UniqueFd end, std::string source) {
        auto shared = std::make_shared<UniqueFd>(std::move(end));
        loop.post([alive, on_connection, shared, source = std::move(source)] {
            if (*alive) on_connection(std::move(*shared), source);
        });
    };
    listener->acceptor_ =
        std::make_unique<Acceptor>(*listener->thread_loop_, std::move(tls), limits, std::move(hand_over));
    for (const std::string& address : addresses) {
        auto fd = listen_on(address);
        if (!fd) return fail(fd.error());
        if (listener->port_ == 0) listener->port_ = port_of(fd->get());
        listener->acceptor_->add_socket(std::move(*fd));
    }
    listener->thread_ = std::thread([run = listener->thread_loop_.get()] {
        pthread_setname_np(pthread_self(), "tls");
        block_signals();
        run->run();
    });
    return listener;
}

TlsListener::~TlsListener() {
    *alive_ = false;
    if (!thread_.joinable()) return;
    thread_loop_->post([run = thread_loop_.get()] { run->stop(); });
    thread_.join();
}

TlsListener::Counters TlsListener::counters() const {
    return acceptor_->counters();
}

}  // namespace outstation::http
