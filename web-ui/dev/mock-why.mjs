// SPDX-License-Identifier: GPL-3.0-or-later
// The mock station's answer to the question why a device is polled as it is.

import * as room from "./mock-data.mjs";

export const kMetrics = ["if_oper_status", "sys_uptime_seconds", "temperature_celsius", "up"];

const part = (name, rows, requests, bytes, time_ms, change = {}) => ({
  name,
  rows,
  requests,
  bytes,
  time_ms,
  most_rows: null,
  most_columns: null,
  error: null,
  ...change,
});

function parts(one, down) {
  const rows = one.ports + one.uplinks;
  if (down) return [part("scalars", 0, 3, 246, 0, { error: "timeout" })];
  return [
    part("scalars", 0, 1, 612, 2.1),
    part("interfaces", rows, 4, 9120 + rows * 130, 14.8, { most_rows: 12 }),
    part("interface names", rows, 2, 3080 + rows * 40, 6.2, { most_rows: 24, most_columns: 3 }),
    part("storage", one.host ? 6 : 0, 1, 340, 1.9),
    part("processors", one.host ? 4 : 0, 1, 210, 1.8),
    part("sensors", one.sensors.length, 9, 4200, 61.5, one.index % 5 === 2 ? { error: "endless" } : {}),
    part("entities", one.sensors.length, 2, 1890, 4.4),
  ];
}

function sources(one, world, metric) {
  if (metric === "up") return [{ metric, labels: {}, oid: null, scale: 1, part: null, origin: "built-in" }];
  if (metric !== "if_oper_status") return [];
  return room.ports(one, world).map((port) => ({
    metric,
    labels: { if_index: String(port.if_index), if_name: port.name },
    oid: `1.3.6.1.2.1.2.2.1.8.${port.if_index}`,
    scale: 1,
    part: "interfaces",
    origin: "built-in",
  }));
}

/** Of one in two that answer: a while ago. */
function past(one, poll, down) {
  const text = "timeout: no answer to 3 requests";
  if (down) return { time: poll.last, text };
  return one.index % 2 ? { time: new Date(Date.parse(poll.last) - 7_000_000).toISOString(), text } : null;
}

export function why(one, world, metric) {
  const { poll } = room.detail(one, world);
  const down = room.stateOf(one, world) === "down";
  return {
    configured_s: poll.interval_s,
    interval_s: down ? poll.interval_s * 4 : poll.interval_s,
    failures: down ? 17 : 0,
    strain_ms: null,
    last_answer: down ? null : poll.last,
    last_error: past(one, poll, down),
    request: {
      time: poll.last,
      pdu: down ? "GET" : "GETBULK",
      oid: down ? "1.3.6.1.2.1.1.1.0" : "1.3.6.1.2.1.47.1.1.1.1.2.1006",
      oids: down ? 10 : 2,
      rows: down ? null : 24,
      tries_before: down ? 2 : 0,
      bytes: down ? 82 : 94,
      reply: down ? null : { after_ms: 2.4, bytes: 1290, error_status: 0 },
    },
    learned: {
      version: one.index % 2 ? "SNMPv3" : "SNMPv2c",
      getbulk: one.index % 7 !== 3,
      rtt_ms: poll.rtt_ms,
      timeout_ms: down ? 1000 : 500,
      scalars_per_request: 64,
      absent_scalars: 0,
      engine: one.index % 2 ? { id: "80001f8880e9630000d61ff449", boots: 7, time_s: 86_411 } : null,
    },
    parts: parts(one, down),
    sources: sources(one, world, metric),
    more_sources: false,
  };
}
