// SPDX-License-Identifier: GPL-3.0-or-later
// Values read as they should: units, gaps, zones, and text from devices.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./build.mjs";

const format = await load("format.ts");
const series = await load("widgets/series.ts");
const strip = await load("widgets/strip.tsx");
const state = await load("widgets/state.tsx");
const router = await load("router.ts");
const history = await load("history.ts");

test("bits are SI, bytes are IEC", () => {
  assert.equal(format.bits(0), "0 bit/s");
  assert.equal(format.bits(412_000_000), "412 Mbit/s");
  assert.equal(format.bits(1_050_000_000), "1.05 Gbit/s");
  assert.equal(format.bytes(1024 ** 3 * 1.5), "1.5 GiB");
  assert.equal(format.bytes(1023), "1,023 B");
  assert.equal(format.bits(999_999), "1 Mbit/s");
  assert.equal(format.bits(999_400), "999 kbit/s");
  assert.equal(format.bytes(1024 ** 2 - 1), "1 MiB");
});

test("numbers have separators and no trailing zeros", () => {
  assert.equal(format.number(1284), "1,284");
  assert.equal(format.number(-1234567.5, 1), "-1,234,567.5");
  assert.equal(format.number(2, 3), "2");
  assert.equal(format.number(-0.2), "0");
  assert.equal(format.short(0.4167), "0.417");
});

test("an availability below one never reads 100 %", () => {
  assert.equal(format.availability(1), "100%");
  assert.equal(format.availability(0.99999), "99.99%");
});

test("what is not known is not zero", () => {
  assert.equal(format.orNone(null, format.bits), "none");
  assert.equal(format.orNone(undefined, format.bits), "none");
  assert.equal(format.orNone(0, format.bits), "0 bit/s");
});

test("time is the site's, whatever the browser's zone", () => {
  format.zone.value = { name: "Asia/Shanghai", utc_offset_s: 28_800 };
  assert.equal(format.clockTime(Date.UTC(2026, 10, 21, 16, 30, 5)), "00:30:05");
  assert.equal(format.stamp(Date.UTC(2026, 10, 20, 16, 0, 0)), "2026-11-21 00:00:00");
  assert.equal(format.zoneName(), "UTC+8");
  format.zone.value = { name: "Asia/Kathmandu", utc_offset_s: 20_700 };
  assert.equal(format.zoneName(), "UTC+5:45");
  format.zone.value = { name: "America/St_Johns", utc_offset_s: -12_600 };
  assert.equal(format.zoneName(), "UTC-3:30");
});

test("text of devices shows its control and direction marks and is bounded", () => {
  assert.equal(format.untrusted("a\u202eb\u0000"), "a<U+202E>b<U+0000>");
  assert.equal(format.untrusted("x".repeat(300), 10), `${"x".repeat(10)}…`);
  assert.equal(format.untrusted(null), "");
  assert.equal(format.untrusted("a\u2028b\u061cc\u00ad"), "a<U+2028>b<U+061C>c<U+00AD>");
  assert.equal(format.untrusted(`${"x".repeat(9)}\u{1f600}`, 10), `${"x".repeat(9)}…`);
});

const range = (t, mean, more = {}) => ({
  from: 0,
  to: 300,
  step_s: 30,
  t,
  damaged: [],
  series: [
    {
      id: "1",
      metric: "if_in_octets_total",
      unit: "octets",
      rate: true,
      mean,
      min: mean,
      max: mean,
      resets: [],
      summary: { last: null, min: 125_000, mean: 125_000, p95: 125_000, max: 125_000 },
      ...more,
    },
  ],
});

test("octets a second become bits, on one axis unit", () => {
  const plotted = series.prepare(range([0, 30], [125_000, 125_000]), ["In"], "bits");
  assert.equal(plotted.unit, "Mbit/s");
  assert.equal(plotted.lines[0].mean[0], 1);
  assert.equal(plotted.lines[0].summary.max, 1_000_000);
});

test("a reset of a counter is noted in its step, unless something worse is", () => {
  const answer = range([0, 30, 60], [1, null, 1], { resets: [59, 30, 30, 400] });
  const plotted = series.prepare(answer, ["In"], "bits");
  assert.deepEqual(plotted.resets, [30, 59]);
  assert.deepEqual(
    [0, 1, 2].map((index) => series.noteOf(plotted, index)),
    ["", "reset", ""],
  );
  const damaged = series.prepare({ ...answer, damaged: [{ from: 40, to: 50 }] }, ["In"], "bits");
  assert.equal(series.noteOf(damaged, 1), "damaged");
});

test("a step that the answer leaves out is a gap, not a bridge", () => {
  const plotted = series.prepare(range([0, 30, 60, 150, 180, 210, 240, 270], Array(8).fill(125_000)), ["In"], "bits");
  assert.deepEqual(plotted.t.slice(0, 6), [0, 30, 60, 90, 120, 150]);
  assert.deepEqual(plotted.lines[0].mean.slice(2, 6), [1, null, null, 1]);
  assert.deepEqual(plotted.gaps, [[3, 4]]);
});

test("gaps at both ends count, the step still being filled does not", () => {
  const line = (mean) => [{ mean }];
  assert.deepEqual(series.findGaps(line([null, null, 1, 1, null]), 5), [[0, 1]]);
  assert.deepEqual(series.findGaps(line([1, 1, null, null, null, null]), 6), [[2, 5]]);
  assert.deepEqual(series.findGaps(line([null, null]), 2), [[0, 1]]);
});

test("a point between two gaps is found", () => {
  assert.deepEqual(series.lonePoints([null, 1, null, 2, 2, null, 3]), [1, 6]);
});

const words = { zone: "UTC", stamp: String, noteHead: "note", note: (note) => note };

test("the CSV leaves a gap empty", () => {
  const plotted = series.prepare(range([0, 30, 60], [125_000, null, 0]), ["In"], "bits");
  const rows = series.toCsv(plotted, words).split("\r\n");
  assert.equal(rows[0], '"time UTC","unix_s","In (Mbit/s)","note"');
  assert.deepEqual(rows.slice(1, 4), ["0,0,1,", "30,30,,", "60,60,0,"]);
});

test("damage is told apart from a gap, and from what is no longer kept", () => {
  const answer = { ...range([0, 30, 60, 90], [null, null, 125_000, null]), damaged: [{ from: 95, to: 110 }] };
  const plotted = series.prepare(answer, ["In"], "bits", 30);
  const notes = plotted.t.slice(0, 5).map((_, index) => series.noteOf(plotted, index));
  assert.deepEqual(notes, ["expired", "", "", "damaged", ""]);
  assert.deepEqual(series.toCsv(plotted, words).split("\r\n").slice(1, 5), [
    "0,0,,expired",
    "30,30,,",
    "60,60,1,",
    "90,90,,damaged",
  ]);
  assert.equal(series.prepare(answer, ["In"], "bits", -5).keptFrom, 0);
  assert.equal(series.prepare(answer, ["In"], "bits").keptFrom, 0);
});

test("damaged times are cut to what is shown and joined", () => {
  const damaged = (...spans) => series.damagedTimes({ from: 100, to: 200, damaged: spans });
  assert.deepEqual(damaged({ from: 150, to: 160 }, { from: 0, to: 120 }, { from: 155, to: 170 }), [
    [100, 120],
    [150, 170],
  ]);
  assert.deepEqual(damaged({ from: 0, to: 50 }, { from: 300, to: 400 }), []);
  assert.deepEqual(damaged({ from: 130, to: 130 }), [[130, 130]]);
  assert.deepEqual(damaged({ from: 0, to: 0 }), [[100, 200]]);
});

const kDayS = 86_400;
const levels = (...pairs) => pairs.map(([level, day]) => ({ level, from: new Date(day * kDayS * 1000).toISOString() }));
const store = (history, oldest) => ({ history, streams: [{ name: "samples", oldest }] });

test("history reaches back as far as its levels do, and the journal counts as every value", () => {
  const day = (count) => new Date(count * kDayS * 1000).toISOString();
  const all = history.depthsOf(store(levels(["h1", 10], ["raw", 80], ["m1", 40], ["m15", 40]), day(90)));
  assert.deepEqual(all, [
    { level: "raw", from: 80 * kDayS },
    { level: "m1", from: 40 * kDayS },
    { level: "h1", from: 10 * kDayS },
  ]);
  assert.equal(history.keptFrom(all), 10 * kDayS);
  assert.deepEqual(history.depthsOf(store([], day(90))), [{ level: "raw", from: 90 * kDayS }]);
  assert.deepEqual(history.depthsOf(store([], null)), []);
  assert.deepEqual(history.depthsOf(null), []);
  assert.equal(history.keptFrom([]), null);
});

test("a share of time below one never reads as all of it", () => {
  assert.equal(format.coverage(0.9999), "99%");
  assert.equal(format.coverage(1), "100%");
});

test("a name from a device is no formula in a spreadsheet", () => {
  for (const name of ['=HYPERLINK("x")', "+1", "-1", "@a"]) {
    const plotted = series.prepare(range([0], [1]), [name], "bits");
    const head = series.toCsv(plotted, words).split("\r\n")[0].split(",").at(-2);
    assert.match(head, /^"'[=+\-@]/, name);
  }
});

test("merged ticks take the worst and never hide an outage", () => {
  assert.deepEqual(strip.mergeTicks(["ok", "none", "ok", "down", "degraded", "ok"], 3), ["ok", "down", "degraded"]);
  assert.deepEqual(strip.mergeTicks(["none", "none"], 1), ["none"]);
});

test("a port without a link uses nothing that could be shown", () => {
  const port = { oper: "down", type: 6, speed_bps: 1e9, in_bps: 0, out_bps: 0 };
  assert.equal(state.useRatio(port), null);
  assert.equal(state.useRatio({ ...port, oper: "up", out_bps: 5e8 }), 0.5);
});

test("addresses name screens", () => {
  assert.deepEqual(router.parse("/devices/sw%2F1/sensors", "").screen, { name: "device", id: "sw/1", tab: "sensors" });
  assert.deepEqual(router.parse("/devices/a", "?if=3").screen, { name: "device", id: "a", tab: "summary" });
  assert.deepEqual(router.parse("/devices/a/b/c", "").screen, { name: "missing" });
  assert.deepEqual(router.parse("/nothing", "").screen, { name: "missing" });
  assert.equal(router.devicePath("sw/1", "sensors"), "/devices/sw%2F1/sensors");
});
