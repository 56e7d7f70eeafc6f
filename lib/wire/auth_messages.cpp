// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of auth_messages.hpp.
#include "lib/wire/auth_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(AuthSession);
OUTSTATION_WIRE_MESSAGE(LoginRequest);
OUTSTATION_WIRE_MESSAGE(LoginReply);
OUTSTATION_WIRE_MESSAGE(CheckRequest);
OUTSTATION_WIRE_MESSAGE(CheckReply);
OUTSTATION_WIRE_MESSAGE(LogoutRequest);
OUTSTATION_WIRE_MESSAGE(PasswordRequest);
OUTSTATION_WIRE_MESSAGE(PasswordReply);
OUTSTATION_WIRE_MESSAGE(TokenAdd);
OUTSTATION_WIRE_MESSAGE(TokenReply);
OUTSTATION_WIRE_MESSAGE(TokenRemove);
OUTSTATION_WIRE_MESSAGE(TokenListRequest);
OUTSTATION_WIRE_MESSAGE(TokenInfo);
OUTSTATION_WIRE_MESSAGE(TokenList);
OUTSTATION_WIRE_MESSAGE(ResetPassword);
OUTSTATION_WIRE_MESSAGE(FirstPasswordRequest);
OUTSTATION_WIRE_MESSAGE(FirstPasswordReply);

}  // namespace outstation::wire
