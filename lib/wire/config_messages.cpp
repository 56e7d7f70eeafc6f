// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of config_messages.hpp.
#include "lib/wire/config_messages.hpp"

#include "lib/wire/codec.hpp"

namespace outstation::wire {

OUTSTATION_WIRE_MESSAGE(ConfigRequest);
OUTSTATION_WIRE_MESSAGE(DeviceConfig);
OUTSTATION_WIRE_MESSAGE(Credential);
OUTSTATION_WIRE_MESSAGE(StationConfig);
OUTSTATION_WIRE_MESSAGE(DiscoveryScope);
OUTSTATION_WIRE_MESSAGE(CredentialInfo);
OUTSTATION_WIRE_MESSAGE(ConfigReply);
OUTSTATION_WIRE_MESSAGE(AddDevice);
OUTSTATION_WIRE_MESSAGE(MoveDevice);
OUTSTATION_WIRE_MESSAGE(NameStation);
OUTSTATION_WIRE_MESSAGE(PutCredential);
OUTSTATION_WIRE_MESSAGE(SetScope);
OUTSTATION_WIRE_MESSAGE(ConfigChanged);
OUTSTATION_WIRE_MESSAGE(PutSecret);
OUTSTATION_WIRE_MESSAGE(RekeySecrets);
OUTSTATION_WIRE_MESSAGE(SecretsRekeyed);
OUTSTATION_WIRE_MESSAGE(AlarmRulesRequest);
OUTSTATION_WIRE_MESSAGE(AlarmRules);

}  // namespace outstation::wire
