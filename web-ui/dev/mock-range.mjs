// SPDX-License-Identifier: GPL-3.0-or-later
// History of the made-up room: the values of its series over a time, with its gaps and its outage.

import { damagedAt, devices, inGap, isDown, kInterval, port, resources, sensorAt, wave } from "./mock-data.mjs";

/** The value of a series at a time, or null where nothing was measured. */
function valueAt(series, time) {
  if (inGap(time)) return null;
  const id = Number(series);
  const [index, number] =
    id >= 500_000
      ? [Math.floor((id % 100_000) / 100), id % 100]
      : [Math.floor(id / 1000), Math.floor((id % 1000) / 10)];
  const one = devices.find((candidate) => candidate.index === index);
  if (!one || isDown(one, time)) return null;
  if (id >= 700_000)
    return resources(one, { now: time }).storage[number].used_bytes * (0.97 + wave(index, time) * 0.03);
  if (id >= 600_000) return wave(index + number, time) * 0.4;
  if (id >= 500_000) return sensorAt(one, number, time);
  const row = port(one, number, { now: time });
  return (id % 10 === 1 ? row.in_bps : row.out_bps) / 8;
}

const kMetrics = [
  [700_000, "storage_used_bytes", "bytes"],
  [600_000, "processor_load_ratio", "ratio"],
  [500_000, "sensor_value", ""],
  [0, "if_in_octets_total", "octets"],
];

function summarise(values, last) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (!known.length) return { last: null, min: null, mean: null, p95: null, max: null };
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { last, min: known[0], mean, p95: known[Math.floor(0.95 * (known.length - 1))], max: known[known.length - 1] };
}

function rangeSeries(id, t, step) {
  const samples = t.map((time) =>
    Array.from({ length: Math.min(6, step / kInterval) }, (_, index) =>
      valueAt(id, time + (index * step) / Math.min(6, step / kInterval)),
    ),
  );
  const pick = (rows, choose) =>
    rows.map((row) => row.filter((value) => value !== null)).map((row) => (row.length ? choose(row) : null));
  const mean = pick(samples, (row) => row.reduce((sum, value) => sum + value, 0) / row.length);
  const [, metric, unit] = kMetrics.find(([from]) => Number(id) >= from);
  return {
    id,
    device: "",
    metric,
    labels: {},
    unit,
    rate: unit === "octets",
    mean,
    min: pick(samples, (row) => Math.min(...row)),
    max: pick(samples, (row) => Math.max(...row)),
    resets: unit === "octets" && t.length > 3 ? [t[Math.floor(t.length / 3)]] : [],
    summary: summarise(samples.flat(), mean[mean.length - 1]),
  };
}

export function range(ids, from, to, points) {
  const step = Math.max(kInterval, Math.ceil((to - from) / points / kInterval) * kInterval);
  const first = Math.ceil(from / step) * step;
  const t = Array.from({ length: Math.max(0, Math.floor((to - first) / step)) }, (_, index) => first + index * step);
  const damaged = damagedAt.from < to && damagedAt.to > from ? [damagedAt] : [];
  return { from, to, step_s: step, t, series: ids.map((id) => rangeSeries(id, t, step)), damaged };
}
