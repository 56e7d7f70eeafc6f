// SPDX-License-Identifier: GPL-3.0-or-later
// What the made-up room's store keeps, and its gap ledger.

import { iso, kDay, kGaps, kGib, kKept, startedAt } from "./mock-data.mjs";

const level = (name, bytes, files) => ({
  level: name,
  from: iso(startedAt - kKept[name] * kDay),
  to: iso(startedAt - 7200),
  bytes,
  files,
});

const entry = (age, length, account, reason, more = {}) => ({
  account,
  stream: "samples",
  device: null,
  from: age === null ? null : iso(startedAt - age),
  to: length === null ? null : iso(startedAt - age + length),
  reason,
  first_sequence: null,
  last_sequence: null,
  step_s: null,
  ...more,
});
const of = (device) => ({ device });
const records = (first_sequence, last_sequence) => ({ first_sequence, last_sequence });

/** Every two hours raw values become minutes, once a day the oldest go, and a switch is away now and then. */
const kLedger = [
  ...kGaps.map(([from, to]) => entry(startedAt - from, to - from, "not_collected", "station_restarted", of("rtr-01"))),
  entry(14_400, 1800, "damaged", "damage", records(1_262_118, 1_262_480)),
  entry(26_500, 40, "damaged", "unfinished_or_damaged", { ...records(1_250_001, 1_250_004), stream: "state" }),
  entry(97_300, 300, "not_collected", "device_down", of("ups-01")),
  ...Array.from({ length: 90 }, (_, index) =>
    entry(kKept.raw * kDay + index * 7200, 7200, "thinned", "size", {
      ...records(20_144 + (90 - index) * 2880, 23_023 + (90 - index) * 2880),
      step_s: 60,
    }),
  ),
  ...Array.from({ length: 40 }, (_, index) =>
    entry((kKept.h1 + index) * kDay, kDay, "dropped", index % 3 ? "size" : "age", records(index * 9, index * 9 + 8)),
  ),
  entry(311_000, 5400, "not_collected", "not_polled", of("fw-01")),
].map((one, index, all) => ({ sequence: all.length - index, ...one }));

/** Newest first; what is not over stands in front of the first page. */
export function ledger(world, query) {
  const before = Number(query.get("cursor") ?? Infinity);
  const limit = Number(query.get("limit") ?? 50);
  const open = world.calm
    ? []
    : [{ sequence: null, ...entry(808, null, "not_collected", "device_down", of("acc-sw-03")) }];
  const wanted = (one) =>
    (!query.get("device") || one.device === null || one.device === query.get("device")) &&
    (!query.get("account") || one.account === query.get("account"));
  const found = kLedger.filter((one) => one.sequence < before && wanted(one));
  const items = [...(before === Infinity ? open.filter(wanted) : []), ...found.slice(0, limit)];
  return {
    items: items.map((one) => ({ ...one, device_name: one.device })),
    next: found.length > limit ? String(found[limit - 1].sequence) : null,
    damaged: [],
  };
}

export const store = (world) => ({
  bytes: 12.61 * kGib,
  limit_bytes: 20 * kGib,
  flush_interval_s: 10,
  history: [
    level("raw", 5.2 * kGib, 14),
    level("m1", 4.1 * kGib, 11),
    level("m15", 2.2 * kGib, 15),
    level("h1", 0.8 * kGib, 37),
  ],
  state_bytes: 0.02 * kGib,
  damaged_places: world.calm ? 0 : 2,
  failing: world.calm
    ? null
    : { since: new Date(Date.now() - 540_000).toISOString(), reason: "history/raw.new: input/output error" },
  impossible_stamps: world.calm ? 0 : 12,
  streams: [
    {
      name: "state",
      first_sequence: 1,
      last_sequence: 912,
      durable_sequence: 912,
      bytes: 214_000,
      oldest: iso(startedAt - 2_600_000),
    },
    {
      name: "samples",
      first_sequence: 20_144,
      last_sequence: 1_284_210,
      durable_sequence: 1_284_196,
      bytes: 0.28 * kGib,
      oldest: iso(startedAt - 26_000),
    },
    {
      name: "audit",
      first_sequence: 1,
      last_sequence: 74,
      durable_sequence: 74,
      bytes: 30_100,
      oldest: iso(startedAt - 2_600_000),
    },
  ],
});
