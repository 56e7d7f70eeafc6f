// SPDX-License-Identifier: GPL-3.0-or-later
// How values read: SI for bits, IEC for bytes, the site's zone for time, and "no data" for what is not known.

import { computed, signal } from "@preact/signals";
import type { SensorUnit, Zone } from "./api/types";
import { stationNow } from "./clock";
import { type Key, language, t } from "./i18n";

/** The site's zone; people see it, never the browser's. */
export const zone = signal<Zone>({ name: "UTC", utc_offset_s: 0 });

const kThousands = /\B(?=(\d{3})+(?!\d))/g;

/** A number with thousands separators; `digits` after the point at most, trailing zeros dropped. */
export function number(value: number, digits = 0): string {
  const [whole = "0", fraction = ""] = Math.abs(value).toFixed(digits).split(".");
  const tail = fraction.replace(/0+$/, "");
  const text = whole.replace(kThousands, ",") + (tail && `.${tail}`);
  return value < 0 && text !== "0" ? `-${text}` : text;
}

/** Three significant digits or so: 0.42, 6.1, 82, 1,284. */
export function short(value: number): string {
  const size = Math.abs(value);
  return number(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

export function orNone(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined || Number.isNaN(value) ? t("none") : format(value);
}

export interface Scale {
  unit: string;
  factor: number;
}

const kBits = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];
const kBytes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function scale(value: number, base: number, names: string[]): Scale {
  let step = 0;
  let factor = 1;
  // What would be rounded up to the next unit is shown in it: 999,999 bit/s is 1 Mbit/s.
  while (step < names.length - 1 && Math.abs(value) >= factor * (base - 0.5)) {
    factor *= base;
    step += 1;
  }
  return { unit: names[step]!, factor };
}

export const bitScale = (value: number): Scale => scale(value, 1000, kBits);
export const byteScale = (value: number): Scale => scale(value, 1024, kBytes);

const scaled = (value: number, by: Scale): string => `${short(value / by.factor)} ${by.unit}`;
export const bits = (value: number): string => scaled(value, bitScale(value));
export const bytes = (value: number): string => scaled(value, byteScale(value));
export const percent = (ratio: number, digits = 1): string => `${number(ratio * 100, digits)}%`;

/** Available 99.996 % must not read 100 %: rounds down. */
export function availability(ratio: number): string {
  return ratio >= 1 ? "100%" : `${(Math.floor(ratio * 10_000) / 100).toFixed(2)}%`;
}

/** Measured 99.98 % of the time must not read all of it: whole percent, rounded down. */
export const coverage = (ratio: number): string => (ratio >= 1 ? "100%" : `${Math.floor(ratio * 100)}%`);

const kSensorUnits: Record<SensorUnit, string> = {
  celsius: "°C",
  ratio: "%",
  rpm: "rpm",
  volts: "V",
  amperes: "A",
  watts: "W",
  hertz: "Hz",
  cmm: "m³/min",
  seconds: "s",
  voltamperes: "VA",
  vars: "var",
  joules: "J",
  dbm: "dBm",
  db: "dB",
  pascals: "Pa",
  none: "",
};

export const sensorUnit = (unit: SensorUnit): string => kSensorUnits[unit];

export function sensorValue(value: number, unit: SensorUnit): string {
  if (unit === "ratio") return percent(value);
  return `${number(value, Math.abs(value) >= 1000 ? 0 : 1)} ${sensorUnit(unit)}`.trim();
}

const kSteps: [number, Key][] = [
  [86_400, "span.d"],
  [3600, "span.h"],
  [60, "span.min"],
  [1, "span.s"],
];

/** The two largest parts of a span: "13 min 28 s", "2 d 4 h". */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const first = kSteps.findIndex(([size]) => rest >= size);
  if (first < 0) return t("span.s", { n: 0 });
  const parts: string[] = [];
  for (const [size, key] of kSteps.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(t(key, { n: number(count) }));
  }
  return parts.join(" ");
}

/** The largest part only, for ages that people read at a glance: "13 min". */
export function age(seconds: number): string {
  const [size, key] = kSteps.find(([one]) => seconds >= one) ?? kSteps[kSteps.length - 1]!;
  return t(key, { n: number(Math.floor(seconds / size)) });
}

const two = (value: number): string => String(value).padStart(2, "0");
const local = (ms: number): Date => new Date(ms + zone.value.utc_offset_s * 1000);
const dayOf = (at: Date): string => `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;

export function clockTime(ms: number, seconds = true): string {
  const at = local(ms);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${seconds ? `:${two(at.getUTCSeconds())}` : ""}`;
}

/** Today at the site. What is drawn with a date is drawn again when this changes, not at each tick of the clock. */
const today = computed(() => stampDay(stationNow.value));

function stampDay(ms: number): string {
  const at = local(ms);
  return `${at.getUTCFullYear()}-${dayOf(at)}`;
}

export function date(ms: number): string {
  const day = stampDay(ms);
  return day.slice(0, -6) === today.value.slice(0, -6) ? day.slice(-5) : day;
}

/** Full stamp with year, for tables that leave the page. */
export function stamp(ms: number): string {
  return `${stampDay(ms)} ${clockTime(ms)}`;
}

/** "14:18:40" today, "11-20 14:18" before. */
export function moment(time: string): string {
  const ms = Date.parse(time);
  return stampDay(ms) === today.value ? clockTime(ms) : `${date(ms)} ${clockTime(ms, false)}`;
}

export const momentOrNone = (time: string | null | undefined): string => (time ? moment(time) : t("none"));

export function zoneName(): string {
  const minutes = Math.round(zone.value.utc_offset_s / 60);
  const size = Math.abs(minutes);
  const rest = size % 60;
  return minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "-" : "+"}${Math.floor(size / 60)}${rest ? `:${two(rest)}` : ""}`;
}

/** Seconds since `time` by the station's clock. */
export const ageSeconds = (time: string): number => Math.max(0, (stationNow.value - Date.parse(time)) / 1000);

export function listed(parts: (string | null | undefined | false)[]): string {
  return parts.filter(Boolean).join(" · ");
}

export const compare = (a: string, b: string): number => a.localeCompare(b, language.value, { numeric: true });

const kHidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text that a device sent: controls and direction marks are made visible, length is bounded. */
export function untrusted(text: string | null | undefined, limit = 256): string {
  const shown = (text ?? "").replace(
    kHidden,
    (mark) => `<U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );
  if (shown.length <= limit) return shown;
  // A character of two halves is not cut in two.
  return `${shown.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…`;
}
