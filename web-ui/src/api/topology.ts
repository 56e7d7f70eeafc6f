// SPDX-License-Identifier: GPL-3.0-or-later
// The map of the room, as the station draws it from what devices say.

import { type Feed, useFeed } from "./feed";
import type { DeviceState, Severity } from "./types";

export type Layer = "wan" | "core" | "access" | "end";
export type Strength = "both_ends" | "one_end" | "fdb" | "arp" | "routing";

export interface TopologyNode {
  id: string;
  name: string;
  class: string | null;
  address: string | null;
  polled: boolean;
  state: DeviceState | null;
  since: string | null;
  alarm: Severity | null;
  layer: Layer;
  parent: string | null;
  other_ends: number;
}

export interface Evidence {
  device: string;
  protocol: "lldp" | "cdp" | "fdb" | "arp" | "ospf" | "bgp";
  port: string | null;
  remote_name: string | null;
  remote_port: string | null;
  remote_id: string | null;
  remote_address: string | null;
  since: string | null;
}

export interface TopologyLink {
  a: string;
  a_port: string | null;
  b: string;
  b_port: string | null;
  strength: Strength;
  since: string | null;
  evidence: Evidence[];
}

export interface Topology {
  nodes: TopologyNode[];
  links: TopologyLink[];
  more: boolean;
  alarms_known: boolean;
  fresh: boolean;
  as_of: string;
}

/** The links change every quarter of an hour at most, the states of the devices as they do everywhere. */
export const useTopology = (device = ""): Feed<Topology> =>
  useFeed(`/api/v1/topology${device && `?device=${encodeURIComponent(device)}`}`);
