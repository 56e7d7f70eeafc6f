// SPDX-License-Identifier: GPL-3.0-or-later
// The made-up room's alarms and what people do about them.

import { iso, kDay, startedAt } from "./mock-data.mjs";

const kRank = { critical: 1, major: 2, minor: 3, warning: 4 };

/** `steps` oldest first: seconds before the start, step, and what is so from then on. */
const alarm = (id, device, component, rule, name, severity, unit, steps, more = {}) => ({
  id: id.repeat(4).slice(0, 16),
  device,
  component,
  rule,
  name,
  severity,
  unit,
  limit: null,
  reopened: 0,
  steps: steps.map(([age, step, change = {}]) => ({ at: startedAt - age, step, ...change })),
  ...more,
});
const names = (zh, en) => ({ zh, en });
const kDown = names("设备不可达", "Device unreachable");
const kHot = names("温度过高", "Temperature high");
const kPort = names("端口断开", "Interface down");
const kFull = names("存储即将写满", "Storage full soon");
const kBusy = names("CPU 长时间繁忙", "CPU busy for long");

const kAlarms = [
  alarm("0a31", "acc-sw-03", null, "device-down", kDown, "critical", null, [[808, "raised"]]),
  alarm(
    "17c2",
    "env-01",
    "Hot aisle temperature",
    "temperature-high",
    kHot,
    "major",
    "celsius",
    [
      [7300, "raised", { value: 61.2, severity: "minor" }],
      [6100, "acknowledged", { by: "li.gong", text: "Checking ac-02." }],
      [4800, "escalated", { value: 75.4 }],
      [4700, "assigned", { by: "li.gong", assignee: "li.gong" }],
      [
        3000,
        "noted",
        { by: "li.gong", text: "Compressor of ac-02 does not start; <b>the maker</b> comes at 16:00 \u202e." },
      ],
    ],
    { limit: 75 },
  ),
  alarm("2b90", "core-sw-01", "GE1/0/6", "interface-down", kPort, "minor", null, [
    [19_000, "raised"],
    [11_000, "cleared"],
    [5200, "reopened"],
  ]),
  alarm(
    "3c55",
    "srv-db-01",
    "/var/lib/postgresql",
    "storage-full-soon",
    kFull,
    "minor",
    "seconds",
    [[20_400, "raised", { value: 9.2 * kDay }]],
    { limit: 14 * kDay },
  ),
  alarm(
    "4d08",
    "nas-01",
    "CPU 1",
    "cpu-busy",
    kBusy,
    "minor",
    "ratio",
    [
      [9400, "raised", { value: 0.93 }],
      [9000, "acknowledged", { by: "wang.jie" }],
    ],
    { limit: 0.9 },
  ),
  alarm(
    "5e77",
    "ups-01",
    "Battery temperature",
    "battery-warm",
    names("电池温度偏高", "Battery warm"),
    "warning",
    "celsius",
    [[2 * kDay, "raised", { value: 31.5 }]],
    { limit: 30 },
  ),
  alarm("6f19", "srv-app-01", "eth2", "interface-down", kPort, "minor", null, [
    [90_000, "raised"],
    [86_000, "shelved", { by: "wang.jie", text: "No cable yet, ordered.", shelved_until: startedAt + 5 * kDay }],
  ]),
  alarm("7a40", "srv-app-01", null, "device-down", kDown, "critical", null, [
    [12_000, "raised"],
    [9100, "cleared"],
  ]),
  alarm(
    "8b62",
    "env-01",
    "Cold aisle temperature",
    "temperature-high",
    kHot,
    "minor",
    "celsius",
    [
      [40_000, "raised", { value: 28.4 }],
      [36_000, "cleared", { by: "li.gong", text: "The sensor hung over the heater.", value: 28.1 }],
      [3000, "noted", { by: "li.gong", text: "Hung it up elsewhere." }],
    ],
    { limit: 28 },
  ),
];

const kVolatile = {
  ...alarm("", null, null, "store-failed", names("告警无法记录", "Alarms cannot be recorded"), "critical", null, [
    [95, "raised"],
  ]),
  id: "store-failed",
};

/** Steps of people, by the mode "own-…" of a page, so that pages do not see each other's. */
const acts = new Map();
const ownOf = (modes) => modes.find((mode) => mode.startsWith("own-")) ?? "";
const actsOf = (modes) => acts.get(ownOf(modes)) ?? [];

const stepsOf = (one, modes) => [...one.steps, ...actsOf(modes).filter((step) => step.id === one.id)];

/** The alarm as its steps leave it. */
function shown(one, modes) {
  const steps = stepsOf(one, modes);
  const last = steps.at(-1);
  const newest = (test) => steps.filter(test).at(-1);
  const taken = newest((step) => step.step === "acknowledged");
  const shelf = newest((step) => step.step === "shelved" || step.step === "unshelved");
  return {
    id: one.id,
    device: one.device,
    device_name: one.device,
    component: one.component,
    rule: one.rule,
    name: one.name,
    severity: one.severity,
    open: newest((step) => ["raised", "reopened", "cleared"].includes(step.step)).step !== "cleared",
    raised: iso(steps[0].at),
    since: iso(newest((step) => ["raised", "escalated", "reopened", "cleared"].includes(step.step)).at),
    changed: iso(last.at),
    reopened: steps.filter((step) => step.step === "reopened").length,
    acknowledged_by: taken?.by ?? null,
    acknowledged: taken ? iso(taken.at) : null,
    assignee: newest((step) => step.assignee !== undefined)?.assignee || null,
    shelved_until: shelf?.step === "shelved" ? iso(shelf.shelved_until) : null,
    value: newest((step) => step.value !== undefined)?.value ?? null,
    limit: one.limit,
    unit: one.unit,
    recorded: one !== kVolatile && !modes.includes("alarms.unwritten"),
    volatile: one === kVolatile,
  };
}

const isTaken = (one) => one.acknowledged_by !== null || one.assignee !== null;
const scopeOf = (one) => (!one.open ? "cleared" : one.shelved_until ? "shelved" : "active");
const known = (world, modes) =>
  [...(world.storeGone ? [kVolatile] : []), ...kAlarms.filter((one) => !world.calm || isCalm(one, modes))].map((one) =>
    shown(one, modes),
  );
/** In a room where all answer: what is over, and with "hot" a sensor that is too warm. */
const isCalm = (one, modes) =>
  kAlarms.indexOf(one) >= 7 || (modes.includes("hot") && one.severity === "major" && one.device === "env-01");

export function counts(world, modes) {
  if (modes.includes("unread")) return null;
  const all = known(world, modes);
  const active = all.filter((one) => scopeOf(one) === "active");
  const of = (severity) => active.filter((one) => one.severity === severity).length;
  return {
    critical: of("critical"),
    major: of("major"),
    minor: of("minor"),
    warning: of("warning"),
    untaken: active.filter((one) => !isTaken(one)).length,
    shelved: all.filter((one) => scopeOf(one) === "shelved").length,
    cleared: all.filter((one) => scopeOf(one) === "cleared").length,
  };
}

/** The worst first, of these the newest. */
export function alarms(world, query, modes) {
  const wanted = known(world, modes)
    .filter((one) => scopeOf(one) === (query.get("scope") ?? "active"))
    .filter((one) => !query.get("severity") || one.severity === query.get("severity"))
    .filter((one) => !query.get("untaken") || !isTaken(one))
    .sort((a, b) => kRank[a.severity] - kRank[b.severity] || b.raised.localeCompare(a.raised));
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 50);
  return {
    items: wanted.slice(from, to),
    total: wanted.length,
    next: to < wanted.length ? String(to) : null,
    as_of: iso(world.now),
    counts: counts(world, modes),
    behind: world.storeGone,
  };
}

const find = (id) => [...kAlarms, kVolatile].find((one) => one.id === id);

export function oneAlarm(world, id, modes) {
  const one = find(id);
  if (!one) return null;
  const record = stepsOf(one, modes).map((step, index) => ({
    sequence: index + 1,
    time: iso(step.at),
    step: step.step,
    severity: step.severity ?? one.severity,
    by: step.by ?? null,
    text: step.text || null,
    assignee: step.assignee || null,
    shelved_until: step.shelved_until ? iso(step.shelved_until) : null,
    value: step.value ?? null,
  }));
  return {
    alarm: shown(one, modes),
    record: world.storeGone ? null : record.reverse(),
    complete: true,
    damaged: [],
    behind: world.storeGone,
  };
}

/** Null when it is done, else the status and code of the refusal. */
export function takeStep(id, body, who, modes) {
  const one = find(id);
  if (!one || one === kVolatile) return [404, "not_found"];
  const before = shown(one, modes);
  if (actsOf(modes).some((step) => step.token === body.token)) return null;
  if (body.step === "acknowledged" && (!before.open || before.acknowledged_by)) return [409, "conflict"];
  const at = Math.floor(Date.now() / 1000);
  const step = { id, at, step: body.step, by: who.user, text: body.text, token: body.token };
  if (body.step === "assigned") Object.assign(step, { assignee: body.text, text: "" });
  if (body.step === "shelved") step.shelved_until = at + body.for_s;
  acts.set(ownOf(modes), [...actsOf(modes), step]);
  return null;
}
