// SPDX-License-Identifier: GPL-3.0-or-later
// Set-up and discovery: the shapes of their API, the feeds that follow them, and what people do about them.

import { useEffect } from "preact/hooks";
import { type Failure, type Reply, request } from "./client";
import { type Feed, feedOf, kPollMs, useFeed } from "./feed";
import type { DeviceClass, Time } from "./types";

export interface Network {
  subnet: string;
  addresses: number | null;
  port: number;
  interface: string | null;
}

export type Protocol = "snmp-v1" | "snmp-v2c" | "snmp-v3";

export interface Credential {
  name: string;
  protocol: Protocol;
  user: string | null;
  auth_protocol: string | null;
  priv_protocol: string | null;
  fixed: boolean;
  /** The only addresses to which it goes; null: the next scope says so, or the configuration file does. */
  limits: { subnets: string[]; port: number } | null;
}

export interface Scope {
  subnets: string[];
  credentials: string[];
  port: number;
  fixed: boolean;
}

export interface Setup {
  needed: boolean;
  station: { name: string; site_path: string[]; fixed: boolean };
  networks: Network[];
  credentials: Credential[];
  scopes: Scope[];
}

export interface Sweep {
  state: "never" | "running" | "paused" | "done" | "stopped";
  ranges: string[];
  total: number;
  done: number;
  /** Devices that answered to a credential; others are there, but refused all, or are silent. */
  found: number;
  others: number;
  started: Time;
  ended: Time;
  problems: string[];
  /** Credentials that three devices in a row refused. */
  left_alone: string[];
  /** Addresses of which it is known what answers there, before they are asked by SNMP. */
  probed: number;
  /** What of that is not possible: "all" when probed does not run. */
  unprobed: "all" | "ping" | null;
  /** Of each problem. */
  problem_kinds: ("left_alone" | "full" | "unanswered" | "unprobed")[];
  /** When the station itself searches again. */
  next: Time;
}

export interface Candidate {
  addresses: string[];
  sys_name: string | null;
  vendor: string | null;
  class: string | null;
  model: string | null;
  version: string | null;
  serial: string | null;
  credential: string | null;
  packs: string[];
  why: string[];
  /** "snmp", "ping", "ipmi", "asf", "tcp/443", "tcp/443 refused", "arp". */
  seen: string[];
  problem: string | null;
  trouble: "refused" | "silent" | "lost" | null;
  known_as: string | null;
  ignored: boolean;
  /** From what was known before; moved: a device that is watched answers here now. */
  difference: "new" | "changed" | "moved" | null;
  suggested_id: string | null;
  suggested_class: DeviceClass | null;
  object_id: string | null;
  description: string | null;
}

/** One side of a difference. */
export interface Side {
  addresses: string[];
  sys_name: string | null;
  vendor: string | null;
  model: string | null;
  version: string | null;
  serial: string | null;
}

export type Field = "device" | "address" | "serial" | "model" | "version" | "name";

export interface Difference {
  id: string;
  kind: "new" | "changed" | "vanished";
  device: string | null;
  device_name: string | null;
  differs: Field[];
  before: Side | null;
  now: Side | null;
  found: Time;
  first_seen: Time;
  last_seen: Time;
  ignored: boolean;
}

const kRunningMs = 1000;
/** What polld asks at most, docs/guide/discovery.md. */
const kAddressesPerSecond = 40;
/** After the last address, until the silent ones are given up. */
const kTailS = 3;

const kSetup = "/api/v1/setup";
const kSweep = "/api/v1/discovery";
const kCandidates = "/api/v1/discovery/candidates";
const kDifferences = "/api/v1/discovery/differences";

export const useSetup = (): Feed<Setup> => useFeed<Setup>(kSetup);

/** Each second while it runs. */
export function useSweep(): Feed<Sweep> {
  const running = feedOf<Sweep>(kSweep).data.value?.state === "running";
  return useFeed<Sweep>(kSweep, undefined, running ? kRunningMs : kPollMs);
}

export interface Candidates {
  items: Candidate[];
}

/** All that is in the list of candidates. */
export const inReview = (sweep: Sweep): number => sweep.found + sweep.others;

/** Asked again when the sweep has found more. */
export function useCandidates(sweep: Sweep | null): Feed<Candidates> {
  const feed = useFeed<Candidates>(kCandidates);
  useEffect(() => {
    if (sweep) void feed.refresh();
  }, [sweep?.found, sweep?.others, sweep?.state, sweep?.started]);
  return feed;
}

/** Asked again when a search has come to its end. */
export function useDifferences(sweep: Sweep | null): Feed<{ items: Difference[] }> {
  const feed = useFeed<{ items: Difference[] }>(kDifferences);
  useEffect(() => {
    if (sweep) void feed.refresh();
  }, [sweep?.state, sweep?.ended]);
  return feed;
}

export type Settling = "accept" | "ignore" | "restore";

export async function settle(id: string, action: Settling): Promise<Failure | null> {
  const reply = await request("POST", kDifferences, { id, action });
  if (reply.kind === "failure") return reply.failure;
  await Promise.all([feedOf(kDifferences).refresh(), refreshCandidates()]);
  return null;
}

export const refreshCandidates = (): Promise<void> => feedOf<Candidates>(kCandidates).refresh();
/** After devices were taken over: candidates are known by then, and the overview counts them. */
export const refreshAll = async (): Promise<void> => {
  await Promise.all([refreshCandidates(), feedOf<Setup>(kSetup).refresh(), feedOf("/api/v1/overview").refresh()]);
};

/** Keeps what the station answers to a change; null when it took it. */
async function change<T>(path: string, key: string, body: unknown): Promise<Failure | null> {
  const reply: Reply<T> = await request<T>("POST", path, body);
  if (reply.kind === "failure") return reply.failure;
  if (reply.kind === "value") feedOf<T>(key).data.value = reply.value;
  return null;
}

export const nameStation = (name: string, site: string): Promise<Failure | null> =>
  change<Setup>(`${kSetup}/station`, kSetup, { name, site });

export const putCredential = (credential: Record<string, string>): Promise<Failure | null> =>
  change<Setup>(`${kSetup}/credentials`, kSetup, credential);

export const setScope = (subnets: string[], credentials: string[], port: number): Promise<Failure | null> =>
  change<Setup>(`${kSetup}/scope`, kSetup, { subnets: subnets.join(" "), credentials: credentials.join(" "), port });

export type SweepAct = "start" | "pause" | "resume" | "stop";

export const actOnSweep = (action: SweepAct, ranges: string[] = []): Promise<Failure | null> =>
  change<Sweep>(kSweep, kSweep, { action, ranges: ranges.join(" ") });

/** What a person says of a device before it is taken over; what is empty is what it says of itself. */
export interface Wish {
  name: string;
  location: string;
}

export async function takeOver(address: string, id: string, wish: Wish): Promise<Failure | null> {
  const reply = await request("POST", `${kSweep}/devices`, { address, id, ...wish });
  return reply.kind === "failure" ? reply.failure : null;
}

export async function ignore(address: string, ignored: boolean): Promise<Failure | null> {
  const reply = await request("POST", kCandidates, { address, action: ignored ? "ignore" : "restore" });
  if (reply.kind === "failure") return reply.failure;
  await refreshCandidates();
  return null;
}

/** Seconds until so many addresses are probed and so many asked. */
export const sweepSeconds = (asked: number, probed = asked): number =>
  Math.ceil((asked + probed) / kAddressesPerSecond) + kTailS;

const kSubnet = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(1[6-9]|2\d|3[0-2]))?$/;

/** How many addresses "10.1.0.0/22" or "10.1.0.7" has; null when it is neither. */
export function addressesOf(text: string): number | null {
  const parts = kSubnet.exec(text);
  if (!parts || parts.slice(1, 5).some((octet) => Number(octet) > 255)) return null;
  const prefix = Number(parts[5] ?? 32);
  return prefix > 30 ? 2 ** (32 - prefix) : 2 ** (32 - prefix) - 2;
}

/** Its first and last address as numbers. */
function ends(subnet: string): [number, number] {
  const [address = "", prefix = "32"] = subnet.split("/");
  const size = 2 ** (32 - Number(prefix));
  const number = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = Math.floor(number / size) * size;
  return [first, first + size - 1];
}

/** Whether the station sends the credential to all of the subnets when a browser asks for that. */
export function goesTo(one: Credential, subnets: string[], port: number): boolean {
  if (one.fixed || !one.limits) return !one.fixed;
  const limits = one.limits.subnets.map(ends);
  const within = ([first, last]: [number, number]): boolean => limits.some(([from, to]) => from <= first && last <= to);
  return one.limits.port === port && subnets.every((subnet) => within(ends(subnet)));
}

export type Standing = "problem" | "ready" | "known" | "ignored";

export function standing(one: Candidate): Standing {
  if (one.known_as) return "known";
  if (one.ignored) return "ignored";
  return one.problem || !one.credential || one.difference === "moved" ? "problem" : "ready";
}

/** The id of each, so that no two have the same: a name that several devices give themselves gets a number. */
export function uniqueIds(chosen: Candidate[], taken: Iterable<string>): string[] {
  const used = new Set(taken);
  return chosen.map((one) => {
    const wish = one.suggested_id ?? one.addresses[0]!;
    let id = wish;
    for (let n = 2; used.has(id); n += 1) id = `${wish.slice(0, 60)}-${n}`;
    used.add(id);
    return id;
  });
}
