// SPDX-License-Identifier: GPL-3.0-or-later
// The only file of the oracle that sees Net-SNMP's types.
#include "tests/oracle/net_snmp.hpp"

#include <net-snmp/net-snmp-config.h>
//
#include <net-snmp/net-snmp-includes.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace outstation::oracle {
namespace {

std::vector<oid> to_oid(const Arcs& arcs) {
    return {arcs.begin(), arcs.end()};
}

std::string dotted(const oid* arcs, std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += (i == 0 ? "" : ".") + std::to_string(arcs[i]);
    return text;
}

void add(netsnmp_pdu* pdu, const Value& value) {
    const auto name = to_oid(value.oid);
    const auto put = [&](const void* content, std::size_t size) {
        snmp_pdu_add_variable(pdu, name.data(), name.size(), value.tag, content, size);
    };
    if (value.tag == ASN_COUNTER64) {
        const counter64 number{value.number >> 32, value.number & 0xffffffffU};
        put(&number, sizeof number);
    } else if (value.tag == ASN_OBJECT_ID) {
        std::vector<oid> arcs(MAX_OID_LEN);
        std::size_t size = arcs.size();
        if (read_objid(("." + value.bytes).c_str(), arcs.data(), &size) == 0) std::abort();
        put(arcs.data(), size * sizeof(oid));
    } else if (value.tag == ASN_OCTET_STR || value.tag == ASN_IPADDRESS || value.tag == ASN_OPAQUE) {
        put(value.bytes.data(), value.bytes.size());
    } else if (value.tag == ASN_INTEGER || value.tag == ASN_COUNTER || value.tag == ASN_GAUGE ||
               value.tag == ASN_TIMETICKS) {
        const auto number = static_cast<long>(value.number);
        put(&number, sizeof number);
    } else {
        put(nullptr, 0);
    }
}

Value read(const netsnmp_variable_list& v) {
    Value value{Arcs(v.name, v.name + v.name_length), v.type, 0, {}};
    switch (v.type) {
        case ASN_COUNTER64:
            value.number = v.val.counter64->high << 32 | v.val.counter64->low;
            break;
        case ASN_INTEGER:
            value.number = static_cast<std::uint64_t>(*v.val.integer);
            break;
        case ASN_COUNTER:
        case ASN_GAUGE:
        case ASN_TIMETICKS:
            value.number = static_cast<std::uint64_t>(*v.val.integer) & 0xffffffffU;
            break;
        case ASN_OBJECT_ID:
            value.bytes = dotted(v.val.objid, v.val_len / sizeof(oid));
            break;
        case ASN_OCTET_STR:
        case ASN_IPADDRESS:
        case ASN_OPAQUE:
            value.bytes.assign(reinterpret_cast<const char*>(v.val.string), v.val_len);
            break;
        default:
            break;
    }
    return value;
}

struct FreePdu {
    void operator()(netsnmp_pdu* pdu) const { snmp_free_pdu(pdu); }
};
using Pdu = std::unique_ptr<netsnmp_pdu, FreePdu>;

void start_library() {
    setenv("MIBS", "", 1);
    setenv("SNMPCONFPATH", "/dev/null", 1);  // nothing is read, nothing is written
    setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
    init_snmp("oracle");
}

u_char* octets(std::string& text) {
    return reinterpret_cast<u_char*>(text.data());
}
const u_char* octets(const std::string& text) {
    return reinterpret_cast<const u_char*>(text.data());
}

struct Protocol {
    const char* name;
    oid* id;
    std::size_t length;
};

// The one of that name.
template <std::size_t N>
const Protocol& find(const std::array<Protocol, N>& protocols, const std::string& name) {
    for (const Protocol& protocol : protocols) {
        if (name == protocol.name) return protocol;
    }
    std::abort();
}

const Protocol& auth_protocol(const std::string& name) {
    static const std::array<Protocol, 6> known = {
        {{"MD5", usmHMACMD5AuthProtocol, OID_LENGTH(usmHMACMD5AuthProtocol)},
         {"SHA", usmHMACSHA1AuthProtocol, OID_LENGTH(usmHMACSHA1AuthProtocol)},
         {"SHA-224", usmHMAC128SHA224AuthProtocol, OID_LENGTH(usmHMAC128SHA224AuthProtocol)},
         {"SHA-256", usmHMAC192SHA256AuthProtocol, OID_LENGTH(usmHMAC192SHA256AuthProtocol)},
         {"SHA-384", usmHMAC256SHA384AuthProtocol, OID_LENGTH(usmHMAC256SHA384AuthProtocol)},
         {"SHA-512", usmHMAC384SHA512AuthProtocol, OID_LENGTH(usmHMAC384SHA512AuthProtocol)}}};
    return find(known, name);
}

const Protocol& priv_protocol(const std::string& name) {
    static const std::array<Protocol, 6> known = {
        {{"DES", usmDESPrivProtocol, OID_LENGTH(usmDESPrivProtocol)},
         {"AES", usmAESPrivProtocol, OID_LENGTH(usmAESPrivProtocol)},
         {"AES-192", usmAES192PrivProtocol, OID_LENGTH(usmAES192PrivProtocol)},
         {"AES-256", usmAES256PrivProtocol, OID_LENGTH(usmAES256PrivProtocol)},
         {"AES-192-C", usmAES192CiscoPrivProtocol, OID_LENGTH(usmAES192CiscoPrivProtocol)},
         {"AES-256-C", usmAES256CiscoPrivProtocol, OID_LENGTH(usmAES256CiscoPrivProtocol)}}};
    return find(known, name);
}

void make_user_key(const Protocol& auth, const std::string& passphrase, u_char* key, std::size_t& size) {
    size = USM_AUTH_KU_LEN;
    if (generate_Ku(auth.id, static_cast<u_int>(auth.length), octets(passphrase), passphrase.size(), key,
                    &size) != SNMPERR_SUCCESS)
        std::abort();
}

// Level, protocols and user keys.
void set_user(netsnmp_session& session, const V3User& user) {
    session.securityLevel = SNMP_SEC_LEVEL_NOAUTH;
    if (user.auth.empty()) return;
    const Protocol& auth = auth_protocol(user.auth);
    session.securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
    session.securityAuthProto = auth.id;
    session.securityAuthProtoLen = auth.length;
    make_user_key(auth, user.auth_passphrase, session.securityAuthKey, session.securityAuthKeyLen);
    if (user.priv.empty()) return;
    session.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
    session.securityPrivProto = priv_protocol(user.priv).id;
    session.securityPrivProtoLen = priv_protocol(user.priv).length;
    make_user_key(auth, user.priv_passphrase, session.securityPrivKey, session.securityPrivKeyLen);
}

}  // namespace

struct NetSnmp::State {
    void* handle = nullptr;
    netsnmp_session* session = nullptr;
};

NetSnmp::NetSnmp(std::uint16_t port, const std::string& community, int version)
    : state_(std::make_unique<State>()) {
    start_library();
    netsnmp_session session;
    snmp_sess_init(&session);
    std::string peer = "udp:127.0.0.1:" + std::to_string(port);
    std::string name = community;
    session.version = version;
    session.peername = peer.data();
    session.community = reinterpret_cast<u_char*>(name.data());
    session.community_len = name.size();
    session.retries = 2;
    session.timeout = 1'000'000;
    state_->handle = snmp_sess_open(&session);
    if (state_->handle == nullptr) std::abort();
    state_->session = snmp_sess_session(state_->handle);
}

NetSnmp::NetSnmp(std::uint16_t port, const V3User& user) : state_(std::make_unique<State>()) {
    start_library();
    netsnmp_session session;
    snmp_sess_init(&session);
    std::string peer = "udp:127.0.0.1:" + std::to_string(port);
    V3User copy = user;
    session.version = SNMP_VERSION_3;
    session.peername = peer.data();
    session.securityModel = SNMP_SEC_MODEL_USM;
    session.securityName = copy.name.data();
    session.securityNameLen = copy.name.size();
    session.contextName = copy.context.data();
    session.contextNameLen = copy.context.size();
    set_user(session, user);
    if (!user.engine_id.empty()) {
        session.securityEngineID = session.contextEngineID = octets(copy.engine_id);
        session.securityEngineIDLen = session.contextEngineIDLen = copy.engine_id.size();
        session.flags |= SNMP_FLAGS_DONT_PROBE;
        set_enginetime(octets(user.engine_id), static_cast<u_int>(user.engine_id.size()), user.boots,
                       user.time, TRUE);
    }
    session.retries = 2;
    session.timeout = 1'000'000;
    state_->handle = snmp_sess_open(&session);
    if (state_->handle == nullptr) std::abort();
    state_->session = snmp_sess_session(state_->handle);
}

std::string NetSnmp::auth_key(const V3User& user) {
    const usmUser* known = usm_get_user(octets(user.engine_id), user.engine_id.size(), user.name.c_str());
    if (known == nullptr) return {};
    return {reinterpret_cast<const char*>(known->authKey), known->authKeyLen};
}

std::string NetSnmp::priv_key(const V3User& user) {
    const usmUser* known = usm_get_user(octets(user.engine_id), user.engine_id.size(), user.name.c_str());
    if (known == nullptr) return {};
    return {reinterpret_cast<const char*>(known->privKey), known->privKeyLen};
}

bool NetSnmp::is_v3() const {
    return state_->session->version == SNMP_VERSION_3;
}

NetSnmp::~NetSnmp() {
    snmp_sess_close(state_->handle);
}

std::string NetSnmp::build(const Message& message) {
    const Pdu pdu(snmp_pdu_create(message.pdu));
    pdu->version = message.version;
    pdu->reqid = message.request_id;
    pdu->errstat = message.first;
    pdu->errindex = message.second;
    if (is_v3()) {
        pdu->msgid = message.request_id;
    } else {
        pdu->community = static_cast<u_char*>(std::malloc(message.community.size() + 1));
        std::memcpy(pdu->community, message.community.data(), message.community.size());
        pdu->community_len = message.community.size();
    }
    for (const Value& value : message.values) add(pdu.get(), value);
    std::size_t size = 1U << 18;
    std::size_t offset = 0;
    auto* buffer = static_cast<u_char*>(std::malloc(size));
    std::string bytes;
    if (snmp_build(&buffer, &size, &offset, state_->session, pdu.get()) == 0)  // it fills from the end
        bytes.assign(reinterpret_cast<const char*>(buffer) + size - offset, offset);
    std::free(buffer);
    return bytes;
}

bool NetSnmp::parse(std::string_view bytes, Message& out) {
    const Pdu pdu(static_cast<netsnmp_pdu*>(std::calloc(1, sizeof(netsnmp_pdu))));
    std::string copy(bytes);
    if (snmp_parse(static_cast<session_list*>(state_->handle), state_->session, pdu.get(),
                   reinterpret_cast<u_char*>(copy.data()), copy.size()) != 0) {
        return false;
    }
    out = {static_cast<int>(pdu->version),
           static_cast<std::uint8_t>(pdu->command),
           static_cast<std::uint32_t>(pdu->reqid),
           is_v3() ? std::string(pdu->contextName, pdu->contextNameLen)
                   : std::string(reinterpret_cast<const char*>(pdu->community), pdu->community_len),
           pdu->errstat,
           pdu->errindex,
           {}};
    for (const auto* v = pdu->variables; v != nullptr; v = v->next_variable) out.values.push_back(read(*v));
    return true;
}

std::vector<Value> NetSnmp::get(const std::vector<Arcs>& oids) {
    netsnmp_pdu* request = snmp_pdu_create(SNMP_MSG_GET);
    for (const Arcs& arcs : oids) {
        const auto name = to_oid(arcs);
        snmp_add_null_var(request, name.data(), name.size());
    }
    netsnmp_pdu* answer = nullptr;
    std::vector<Value> values;
    if (snmp_sess_synch_response(state_->handle, request, &answer) != STAT_SUCCESS || answer == nullptr)
        return values;
    const Pdu owner(answer);
    if (answer->errstat != 0) return values;
    for (const auto* v = answer->variables; v != nullptr; v = v->next_variable) values.push_back(read(*v));
    return values;
}

}  // namespace outstation::oracle
