// SPDX-License-Identifier: GPL-3.0-or-later
// Credentials that change, stay and are wrong.
#include "daemons/polld/credentials.hpp"

#include <gtest/gtest.h>

namespace outstation::polld {
namespace {

const wire::Credential kRoom{"room", "snmp-v2c", "public"};
const wire::Credential kCore{"core",   "snmp-v3",        "",       "reader",
                             "sha256", "authentication", "aes128", "privacy key"};

TEST(Credentials, AreMadeForTheirProtocol) {
    Credentials credentials;
    credentials.update({kRoom, kCore, {"old", "snmp-v1", "secret"}, {"bare", "snmp-v3", "", "anybody"}});
    const auto* room = credentials.find("room");
    ASSERT_NE(room, nullptr);
    EXPECT_EQ(room->protocol, "SNMPv2c");
    EXPECT_EQ(room->security->version, snmp::Version::v2c);
    EXPECT_EQ(room->security->community, "public");
    EXPECT_EQ(credentials.find("old")->security->version, snmp::Version::v1);
    const auto* core = credentials.find("core");
    ASSERT_TRUE(core->security);
    EXPECT_EQ(core->protocol, "SNMPv3");
    EXPECT_TRUE(core->is_authenticated);
    EXPECT_EQ(core->security->user->auth, snmp::AuthProtocol::sha256);
    EXPECT_EQ(core->security->user->priv, snmp::PrivProtocol::aes128);
    EXPECT_FALSE(credentials.find("bare")->is_authenticated);
    EXPECT_EQ(credentials.find("none"), nullptr);
}

TEST(Credentials, OnlyWhatChangedIsMadeAnew) {
    Credentials credentials;
    credentials.update({kRoom, kCore});
    const auto room = credentials.find("room")->revision;
    const auto core = credentials.find("core")->revision;
    const auto* user = credentials.find("core")->security->user.get();
    auto changed = kRoom;
    changed.community = "another";
    credentials.update({changed, kCore});
    EXPECT_NE(credentials.find("room")->revision, room);
    EXPECT_EQ(credentials.find("core")->revision, core);
    EXPECT_EQ(credentials.find("core")->security->user.get(), user);
    auto other = kCore;
    other.priv_passphrase = "privacy kez";
    credentials.update({other});
    EXPECT_NE(credentials.find("core")->revision, core);
    EXPECT_EQ(credentials.find("room"), nullptr);
}

TEST(Credentials, WhatIsWrongIsTold) {
    Credentials credentials;
    auto brief = kCore;
    brief.auth_passphrase = "brief";
    auto strange = kCore;
    strange.name = "strange";
    strange.priv_protocol = "rot13";
    credentials.update({brief, strange});
    EXPECT_EQ(credentials.find("core")->security.error().text,
              "authentication: a passphrase has less than 8 characters");
    EXPECT_EQ(credentials.find("strange")->security.error().text, "no protocol is called rot13");
}

}  // namespace
}  // namespace outstation::polld
