// SPDX-License-Identifier: GPL-3.0-or-later
// The peer: what the same cycle costs with the library that most pollers are built on.
#include <net-snmp/net-snmp-config.h>
//
#include <net-snmp/net-snmp-includes.h>
//
#include <net-snmp/library/large_fd_set.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/snmp/child.hpp"
#include "tests/bench/snmp/contenders.hpp"

namespace outstation::bench {
namespace {

struct Name {
    std::array<oid, MAX_OID_LEN> arcs{};
    std::size_t length = MAX_OID_LEN;
};

Name parse_name(const std::string& dotted) {
    Name name;
    if (read_objid(dotted.c_str(), name.arcs.data(), &name.length) == 0) std::abort();
    return name;
}

class NetSnmp {
  public:
    explicit NetSnmp(const Work& work) : work_(work), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        const rlimit files{65536, 65536};
        setrlimit(RLIMIT_NOFILE, &files);
        setenv("MIBS", "", 1);
        setenv("SNMPCONFPATH", "/dev/null", 1);  // nothing is read, nothing is written
        setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
        init_snmp("bench_snmp");
        for (const auto& text : scalar_oids()) scalars_.push_back(parse_name(text));
        for (const auto& text : column_oids()) columns_.push_back(parse_name(text));
        devices_.resize(work.devices);
        for (std::size_t i = 0; i < work.devices; ++i) open(i);
    }

    void run(std::size_t cycles) {
        left_to_start_ = left_to_end_ = cycles;
        for (std::size_t i = 0; i < work_.window; ++i) start(devices_[i]);
        netsnmp_large_fd_set ready;
        netsnmp_large_fd_set_init(&ready, 65536);
        while (left_to_end_ > 0) {
            std::array<epoll_event, 64> events;
            const int n = epoll_wait(epoll_, events.data(), 64, 2000);
            if (n <= 0) fail("lost a datagram");
            for (int i = 0; i < n; ++i) {
                Device& device = devices_[events[static_cast<std::size_t>(i)].data.u32];
                NETSNMP_LARGE_FD_SET(device.fd, &ready);
                snmp_sess_read2(device.session, &ready);
                NETSNMP_LARGE_FD_CLR(device.fd, &ready);
            }
        }
        netsnmp_large_fd_set_cleanup(&ready);
    }
    [[nodiscard]] std::uint64_t requests() const { return requests_; }
    [[nodiscard]] std::uint64_t values() const { return values_; }

  private:
    struct Device {
        NetSnmp* owner = nullptr;
        void* session = nullptr;
        int fd = -1;
        std::size_t row = 0;
        bool in_table = false;
        std::array<std::uint64_t, kValuesPerCycle> cells{};
    };

    [[noreturn]] static void fail(const char* what) {
        std::fprintf(stderr, "bench_snmp: Net-SNMP: %s\n", what);
        std::_Exit(1);
    }
    static void set_user(netsnmp_session& session, std::string& name) {
        session.version = SNMP_VERSION_3;
        session.securityModel = SNMP_SEC_MODEL_USM;
        session.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
        session.securityName = name.data();
        session.securityNameLen = name.size();
        session.securityAuthProto = usmHMACSHA1AuthProtocol;
        session.securityAuthProtoLen = OID_LENGTH(usmHMACSHA1AuthProtocol);
        session.securityPrivProto = usmAESPrivProtocol;
        session.securityPrivProtoLen = OID_LENGTH(usmAESPrivProtocol);
        set_key(kAuthPassphrase, session.securityAuthKey, session.securityAuthKeyLen);
        set_key(kPrivPassphrase, session.securityPrivKey, session.securityPrivKeyLen);
    }
    static void set_key(const std::string& passphrase, u_char* key, std::size_t& size) {
        size = USM_AUTH_KU_LEN;
        if (generate_Ku(usmHMACSHA1AuthProtocol, OID_LENGTH(usmHMACSHA1AuthProtocol),
                        reinterpret_cast<const u_char*>(passphrase.data()), passphrase.size(), key,
                        &size) != SNMPERR_SUCCESS)
            fail("no key");
    }
    void open(std::size_t i) {
        netsnmp_session session;
        snmp_sess_init(&session);
        std::string peer = device_text(i) + ":" + std::to_string(work_.port);
        std::string community = kCommunity;
        std::string user = kUser;
        session.peername = peer.data();
        if (work_.is_v3) {
            set_user(session, user);
        } else {
            session.version = SNMP_VERSION_2c;
            session.community = reinterpret_cast<u_char*>(community.data());
            session.community_len = community.size();
        }
        Device& device = devices_[i];
        device.owner = this;
        device.session = snmp_sess_open(&session);
        if (device.session == nullptr) fail("no session");
        device.fd = snmp_sess_transport(device.session)->sock;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = static_cast<std::uint32_t>(i);
        epoll_ctl(epoll_, EPOLL_CTL_ADD, device.fd, &event);
    }
    void start(Device& device) {
        --left_to_start_;
        device.row = 0;
        device.in_table = false;
        send(device);
    }
    void send(Device& device) {
        netsnmp_pdu* pdu = snmp_pdu_create(device.in_table ? SNMP_MSG_GETBULK : SNMP_MSG_GET);
        if (device.in_table) {
            pdu->non_repeaters = 0;
            pdu->max_repetitions = static_cast<long>(std::min(rows_per_reply_, kRows - device.row));
            for (const Name& column : columns_) {
                Name at = column;
                if (device.row > 0) at.arcs[at.length++] = device.row;
                snmp_add_null_var(pdu, at.arcs.data(), at.length);
            }
        } else {
            for (const Name& scalar : scalars_) snmp_add_null_var(pdu, scalar.arcs.data(), scalar.length);
        }
        ++requests_;
        if (snmp_sess_async_send(device.session, pdu, &NetSnmp::on_answer, &device) == 0) fail("send");
    }
    static int on_answer(int operation, netsnmp_session*, int, netsnmp_pdu* pdu, void* magic) {
        auto& device = *static_cast<Device*>(magic);
        if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || pdu->errstat != 0) fail("no answer");
        device.owner->take(device, *pdu);
        return 1;
    }
    void take(Device& device, const netsnmp_pdu& pdu) {
        std::size_t cell = device.in_table ? kScalars + device.row * kColumns : 0;
        std::size_t taken = 0;
        for (const auto* v = pdu.variables; v != nullptr; v = v->next_variable, ++taken) {
            const Name& name = device.in_table ? columns_[taken % kColumns] : scalars_[taken];
            if (v->name_length < name.length ||
                netsnmp_oid_equals(v->name, name.length, name.arcs.data(), name.length) != 0) {
                fail("another OID");
            }
            device.cells[cell++] = value_of(*v);
        }
        values_ += taken;
        if (device.in_table) device.row += taken / kColumns;
        device.in_table = true;
        if (device.row < kRows) return send(device);
        --left_to_end_;
        if (left_to_start_ > 0)
            start(devices_[work_.after(static_cast<std::size_t>(&device - devices_.data()))]);
    }
    static std::uint64_t value_of(const netsnmp_variable_list& v) {
        if (v.type == ASN_COUNTER64) return v.val.counter64->high << 32 | v.val.counter64->low;
        return v.type == ASN_OCTET_STR || v.type == ASN_OBJECT_ID
                   ? v.val_len
                   : static_cast<std::uint64_t>(*v.val.integer);
    }

    Work work_;
    int epoll_;
    std::vector<Name> scalars_;
    std::vector<Name> columns_;
    std::vector<Device> devices_;
    std::size_t rows_per_reply_ =
        bench::rows_per_reply(make_instances(), work_.is_v3 ? kMaxV3ReplyHeadBytes : kMaxReplyHeadBytes);
    std::size_t left_to_start_ = 0;
    std::size_t left_to_end_ = 0;
    std::uint64_t requests_ = 0;
    std::uint64_t values_ = 0;
};

}  // namespace

Measured measure_net_snmp(const Work& work) {
    NetSnmp peer(work);
    peer.run(work.devices);
    const std::uint64_t requests = peer.requests();
    const std::uint64_t values = peer.values();
    const std::uint64_t cpu = own_cpu_us();
    peer.run(work.devices * work.cycles);
    return {own_cpu_us() - cpu, peer.values() - values, peer.requests() - requests, 0, 0};
}

}  // namespace outstation::bench
