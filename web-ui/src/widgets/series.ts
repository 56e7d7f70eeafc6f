// SPDX-License-Identifier: GPL-3.0-or-later
// Range answers made ready to plot: one regular time grid, one unit for the axis, and the gaps named.

import type { Range, RangeSeries, SensorUnit } from "../api/types";
import {
  bits,
  bitScale,
  bytes,
  byteScale,
  number,
  percent,
  type Scale,
  sensorUnit,
  sensorValue,
  short,
} from "../format";

export type Quantity = "bits" | "bytes" | SensorUnit;
export type Value = number | null;

export interface Line {
  label: string;
  /** In axis units; null is a gap. */
  mean: Value[];
  min: Value[];
  max: Value[];
  /** In base units, for the legend. */
  summary: RangeSeries["summary"];
}

export interface Plotted {
  t: number[];
  lines: Line[];
  unit: string;
  /** From an axis unit to the base unit of the quantity. */
  factor: number;
  /** Index pairs [first, last] of steps in which no line has a value. */
  gaps: [number, number][];
  /** Seconds from and to, inside the shown time: records of then cannot be read. */
  damaged: [number, number][];
  /** Seconds, inside the shown time, at which a counter of a line began anew; ascending. */
  resets: number[];
  /** Nothing is kept from before this second; 0 when that lies before the shown time. */
  keptFrom: number;
  stepS: number;
  from: number;
  to: number;
}

/** Octets counted by a device are shown as bits. */
const kBitsPerOctet = 8;

function perQuantity(series: RangeSeries, quantity: Quantity): number {
  return quantity === "bits" && /octets|bytes/.test(`${series.metric} ${series.unit}`) ? kBitsPerOctet : 1;
}

function axisScale(quantity: Quantity, highest: number): Scale {
  if (quantity === "bits") return bitScale(highest);
  if (quantity === "bytes") return byteScale(highest);
  return quantity === "ratio" ? { unit: "%", factor: 0.01 } : { unit: sensorUnit(quantity), factor: 1 };
}

export function showValue(value: number, quantity: Quantity): string {
  if (quantity === "bits") return bits(value);
  if (quantity === "bytes") return bytes(value);
  return quantity === "ratio" ? percent(value) : sensorValue(value, quantity);
}

/** A value in axis units, without the unit. */
export const showPlain = (value: number, quantity: Quantity): string =>
  quantity === "bits" || quantity === "bytes" ? short(value) : number(value, Math.abs(value) >= 1000 ? 0 : 1);

/** Puts every step between from and to on the grid, so that a missing step is null and never bridged. */
function grid(range: Range): { t: number[]; at: number[] } {
  const step = Math.max(1, range.step_s);
  const first = range.t[0];
  if (first === undefined) return { t: [range.from, range.to], at: [] };
  const start = first - Math.max(0, Math.floor((first - range.from) / step)) * step;
  const count = Math.min(5000, Math.floor((range.to - start) / step) + 1);
  const at = range.t.map((time) => Math.round((time - start) / step));
  return { t: Array.from({ length: Math.max(1, count) }, (_, index) => start + index * step), at };
}

function place(values: Value[], at: number[], count: number, factor: number): Value[] {
  const out: Value[] = new Array<Value>(count).fill(null);
  at.forEach((index, source) => {
    const value = values[source] ?? null;
    if (index < count) out[index] = value === null ? null : value * factor;
  });
  return out;
}

/** Runs of steps without any value. The step that is still being filled does not count. */
export function findGaps(lines: Pick<Line, "mean">[], count: number): [number, number][] {
  const gaps: [number, number][] = [];
  let start = -1;
  for (let index = 0; index <= count; index += 1) {
    const missing = index < count && lines.every((line) => line.mean[index] === null);
    if (missing && start < 0) start = index;
    if (missing || start < 0) continue;
    const unfinished = index === count && start >= count - 2 && start > 0;
    if (!unfinished) gaps.push([start, index - 1]);
    start = -1;
  }
  return gaps;
}

/** Spans in the order of time, cut to the shown time and joined where they touch; ends that are not known are those of it. */
export function damagedTimes({ from, to, damaged }: Range): [number, number][] {
  const shown: [number, number][] = [];
  for (const span of [...damaged].sort((a, b) => a.from - b.from)) {
    const [start, end] = [Math.max(from, span.from), Math.min(to, span.to || to)];
    const before = shown[shown.length - 1];
    if (start > end || (start === end && span.from !== span.to)) continue;
    if (before && start <= before[1]) before[1] = Math.max(before[1], end);
    else shown.push([start, end]);
  }
  return shown;
}

/** Those of one moment once: a device that restarts resets all its counters. */
const resetTimes = ({ from, to, series }: Range): number[] =>
  [...new Set(series.flatMap((one) => one.resets))].filter((time) => from <= time && time < to).sort((a, b) => a - b);

/** Why a step may lack something: `expired` is older than all that is kept. */
export type Note = "" | "damaged" | "expired" | "reset";

export function noteOf(plotted: Plotted, index: number): Note {
  const from = plotted.t[index]!;
  const to = from + plotted.stepS;
  if (plotted.damaged.some(([start, end]) => start < to && end >= from)) return "damaged";
  const missing = plotted.lines.every((line) => line.mean[index] === null);
  if (missing && to <= plotted.keptFrom) return "expired";
  return plotted.resets.some((time) => from <= time && time < to) ? "reset" : "";
}

/** `keptFrom`: seconds before which the station keeps nothing, null when that is not known. */
export function prepare(range: Range, labels: string[], quantity: Quantity, keptFrom: number | null = null): Plotted {
  const { t, at } = grid(range);
  const every = range.series.map((series) => ({ series, base: perQuantity(series, quantity) }));
  const highest = Math.max(0, ...every.map(({ series, base }) => (series.summary.max ?? 0) * base));
  const { unit, factor } = axisScale(quantity, highest);
  const lines = every.map(
    ({ series, base }, index): Line => ({
      label: labels[index] ?? series.metric,
      mean: place(series.mean, at, t.length, base / factor),
      min: place(series.min, at, t.length, base / factor),
      max: place(series.max, at, t.length, base / factor),
      summary: Object.fromEntries(
        Object.entries(series.summary).map(([name, value]) => [name, value === null ? null : value * base]),
      ) as Line["summary"],
    }),
  );
  return {
    t,
    lines,
    unit,
    factor,
    gaps: findGaps(lines, t.length),
    damaged: damagedTimes(range),
    resets: resetTimes(range),
    keptFrom: keptFrom !== null && keptFrom > range.from ? keptFrom : 0,
    stepS: range.step_s,
    from: range.from,
    to: range.to,
  };
}

/** Points with a gap on both sides: a line would not show them. */
export function lonePoints(values: Value[]): number[] {
  const lone: number[] = [];
  values.forEach((value, index) => {
    if (value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null)
      lone.push(index);
  });
  return lone;
}

/** A quoted cell; a spreadsheet must not take the name that a device gave for a formula. */
const quote = (text: string): string => `"${text.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;

/** How things are said in a file: stamps with their zone, and the notes. */
export interface CsvWords {
  zone: string;
  stamp: (seconds: number) => string;
  noteHead: string;
  note: (note: Note) => string;
}

export function toCsv(plotted: Plotted, words: CsvWords): string {
  const values = plotted.lines.map((line) => `${line.label} (${plotted.unit})`);
  const head = [`time ${words.zone}`, "unix_s", ...values, words.noteHead];
  const rows = plotted.t.map((time, index) => {
    const note = words.note(noteOf(plotted, index));
    return [words.stamp(time), time, ...plotted.lines.map((line) => line.mean[index] ?? ""), note].join(",");
  });
  return `${[head.map(quote).join(","), ...rows].join("\r\n")}\r\n`;
}
