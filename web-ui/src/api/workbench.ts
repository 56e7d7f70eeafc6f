// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench of device packs: a recording, what packs make of it, and a draft tried on it.

import { type Failure, type Reply, request } from "./client";
import { type Feed, feedOf, kPollMs, useFeed } from "./feed";

export interface Recording {
  state: "never" | "running" | "working" | "done" | "failed" | "cancelled";
  subject: string | null;
  values: number;
  bytes: number;
  requests: number;
  at: string | null;
  started: string | null;
  ended: string | null;
  problem: string | null;
  notes: string[];
  replaced: number;
  left_out: number;
}

export type FoundKind =
  | "ports"
  | "sensors"
  | "states"
  | "processors"
  | "memory"
  | "storage"
  | "links"
  | "inventory"
  | "series";

export interface FoundCount {
  kind: FoundKind;
  count: number;
}

export interface PackUse {
  name: string;
  title: string | null;
  title_zh: string | null;
  why: string | null;
  finds: FoundCount[];
}

export interface Identity {
  vendor: string | null;
  class: string | null;
  model: string | null;
  version: string | null;
}

export interface Explained extends Identity {
  object_id: string | null;
  packs: PackUse[];
  finds: FoundCount[];
  draft: string;
}

export interface Mistake {
  line: number;
  column: number;
  text: string;
}

export interface Finding {
  kind: "sensor" | "processor" | "state" | "memory" | "storage" | "series";
  label: string | null;
  label_zh: string | null;
  value: string | null;
  unit: string | null;
  oid: string;
}

export interface Trial extends Identity {
  mistakes: Mistake[];
  matches: boolean;
  findings: Finding[];
  more: boolean;
  problem: string | null;
  read: string | null;
}

const kRunningMs = 1000;
const kRecording = "/api/v1/workbench/recording";
const kPacks = "/api/v1/workbench/packs";
export const kRecordingText = `${kRecording}/text`;

export const isGoing = (recording: Recording | null): boolean =>
  recording?.state === "running" || recording?.state === "working";

/** Each second while it is made. */
export function useRecording(): Feed<Recording> {
  const going = isGoing(feedOf<Recording>(kRecording).data.value);
  return useFeed<Recording>(kRecording, undefined, going ? kRunningMs : kPollMs);
}

/** Of one recording: it does not change. */
export const useExplained = (recording: Recording): Feed<Explained> =>
  useFeed<Explained>(`${kPacks} ${recording.started}`, () => kPacks);

export async function record(action: "start" | "cancel", subject = ""): Promise<Failure | null> {
  const reply: Reply<Recording> = await request<Recording>("POST", kRecording, { action, subject });
  if (reply.kind === "failure") return reply.failure;
  if (reply.kind === "value") feedOf<Recording>(kRecording).data.value = reply.value;
  return null;
}

export const tryDraft = (yaml: string, on: "recording" | "device"): Promise<Reply<Trial>> =>
  request<Trial>("POST", "/api/v1/workbench/draft", { yaml, on });
