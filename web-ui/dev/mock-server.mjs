// SPDX-License-Identifier: GPL-3.0-or-later
// Development server: dist/ under the station's own headers, and an API of made-up data whose states can be forced.
//
//   node dev/mock-server.mjs [--port 8480]
// Sign in as admin / outstation-demo, or first / outstation-first to see the forced password change.
// Forced states: open /?mock=overview.500+sensors.empty (kept in a cookie; ?mock= clears it). Endpoints: session,
// station, overview, setup, discovery, candidates, differences, devices, device, interfaces, sensors, resources, inventory, series, why, history, range, events, ledger, topology, alarms, alarm, or all.
// Modes: 500, 403, slow, empty, one (a single sample), damaged (of lists: the disk lacks some), young (of station: nothing sealed), unasked (of why), strain (of why, device, events), starting (503), drop (the connection is cut), hold (answered when the
// test calls letGo). Whole-room modes: setup (a box that nobody has set up), sweep.stuck, accept.refused, calm, stale, store_gone, crowd (2,000 devices), starting (nobody is known yet either),
// hot (calm, but for one alarm), unread (the overview knows no alarms), own-ANYTHING (steps about alarms that only pages with the same word see).

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { alarms, counts, oneAlarm, takeStep } from "./mock-alarms.mjs";
import { crowd } from "./mock-crowd.mjs";
import * as discovery from "./mock-discovery.mjs";
import * as workbench from "./mock-workbench.mjs";
import * as room from "./mock-data.mjs";
import { kMetrics, why } from "./mock-why.mjs";
import { range } from "./mock-range.mjs";
import { ledger, store } from "./mock-store.mjs";
import { topology } from "./mock-topology.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const kSecurity = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const kUsers = { admin: "outstation-demo", viewer: "outstation-view", first: "outstation-first" };
const kSlowMs = 1500;
const kMaxBody = 4096;

const sessions = new Map();
const firstPasswords = new Set(["first"]);
const passwords = { ...kUsers };
let wrongTries = 0;

/** What the mode "hold" waits for. */
let gate = null;
const newGate = () => {
  const made = {};
  made.opened = new Promise((open) => (made.open = open));
  gate = made;
};
newGate();
/** Answers what is held back; what comes later waits again. */
export const letGo = () => {
  gate.open();
  newGate();
};

const cookies = (request) =>
  Object.fromEntries((request.headers.cookie ?? "").split("; ").map((pair) => pair.split("=")));
const forced = (request) =>
  decodeURIComponent(cookies(request).mock ?? "")
    .split("+")
    .filter(Boolean);

function worldOf(modes) {
  const now = Math.floor(Date.now() / 1000);
  return {
    now,
    calm: modes.includes("calm"),
    age: modes.includes("stale") ? 620 : 0,
    storeGone: modes.includes("store_gone"),
    devices: modes.includes("crowd") ? crowd : room.devices,
  };
}

function send(response, status, value, headers = {}) {
  const body = value === undefined ? "" : JSON.stringify(value);
  response.writeHead(status, {
    ...kSecurity,
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-cache",
    ...headers,
  });
  response.end(body);
}

const fail = (response, status, code, more = {}) => send(response, status, { error: { code, message: code, ...more } });

function sendTagged(request, response, value) {
  const etag = `"${createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16)}"`;
  if (request.headers["if-none-match"] === etag) return send(response, 304, undefined, { ETag: etag });
  return send(response, 200, value, { ETag: etag });
}

const page = (items, now) => ({ items, total: items.length, next: null, as_of: new Date(now * 1000).toISOString() });

function deviceList(query, world) {
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const rows = world.devices
    .map((one) => room.listed(one, world))
    .filter((row) => words.every((word) => `${row.id} ${row.address} ${row.location}`.toLowerCase().includes(word)))
    .filter((row) => !query.get("state") || row.state === query.get("state"))
    .filter((row) => !query.get("class") || row.class === query.get("class"));
  const sort = query.get("sort") ?? "state";
  const field = sort.replace("-", "");
  const rank = { down: "0", unknown: "1", up: "2" };
  const key = (row) => (field === "state" ? rank[row.state] + row.name : String(row[field]));
  rows.sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }) * (sort.startsWith("-") ? -1 : 1));
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 50);
  return { ...page(rows, world.now), items: rows.slice(from, to), next: to < rows.length ? String(to) : null };
}

/** What a device says of itself and of its ports. */
function factsOf(one, world) {
  const device = room.detail(one, world);
  const fact = (port, attribute, value) => ({
    device: device.id,
    device_name: device.name,
    component: port && `interface:${port.if_index}`,
    name: port && port.name,
    attribute,
    value,
    reason: null,
    since: device.since,
    until: null,
  });
  const ports = room.ports(one, world);
  return [
    ...Object.entries(device.attributes).map(([attribute, value]) => fact(null, attribute, value)),
    ...ports.map((port) => fact(port, "if_name", port.name)),
    ...ports.filter((port) => port.alias).map((port) => fact(port, "if_alias", port.alias)),
  ];
}

function searched(query, world) {
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const text = (fact) => `${fact.device} ${fact.name ?? ""} ${fact.value}`.toLowerCase();
  const items = world.devices
    .flatMap((one) => factsOf(one, world))
    .filter((fact) => words.every((word) => text(fact).includes(word)));
  const limit = Number(query.get("limit") ?? 50);
  return { items: items.slice(0, limit), more: items.length > limit, behind: false };
}

const kEmpty = {
  search: (value) => ({ ...value, items: [] }),
  overview: (value) => ({
    ...value,
    devices: { total: 0, up: 0, down: 0, unknown: 0 },
    alarms: null,
    problems: [],
    groups: [],
    busiest: [],
    events: [],
    series: 0,
    samples_per_second: null,
    durable_lag_s: null,
    data_time: null,
  }),
  devices: (value) => ({ ...value, items: [], total: 0 }),
  topology: (value) => ({ ...value, nodes: [], links: [] }),
  interfaces: (value) => ({ ...value, items: [], total: 0 }),
  sensors: (value) => ({ ...value, items: [] }),
  resources: (value) => ({ ...value, processors: [], storage: [] }),
  candidates: (value) => ({ ...value, items: [] }),
  alarms: (value) => ({ ...value, items: [], total: 0, next: null }),
  events: (value) => ({ ...value, items: [] }),
  ledger: (value) => ({ ...value, items: [], next: null }),
  station: (value) => ({ ...value, daemons: [], store: null }),
  history: (value) => ({ ...value, ticks: value.ticks.map(() => "none"), available_ratio: null }),
  range: (value) => ({
    ...value,
    series: value.series.map((one) => ({
      ...one,
      mean: one.mean.map(() => null),
      min: one.min.map(() => null),
      max: one.max.map(() => null),
      resets: [],
      summary: { last: null, min: null, mean: null, p95: null, max: null },
    })),
  }),
};

const iso = (seconds) => new Date(seconds * 1000).toISOString();
const withDamage = (value) => ({
  ...value,
  damaged: [{ from: iso(room.damagedAt.from), to: iso(room.damagedAt.to), first_sequence: 801, last_sequence: 807 }],
});
const kDamaged = { overview: withDamage, alarm: withDamage, events: withDamage, ledger: withDamage };
/** The station looked at a part and found none. */
const none = (value) => ({ ...value, items: [], next: "1" });
const kSparse = { events: none, ledger: none };

/** A device that has just been added, one that cannot keep up, one that is as hostile as can be. */
const kUnasked = { why: (value) => ({ ...value, request: null, learned: null, parts: [] }) };
const kStrain = {
  device: (value) => ({ ...value, poll: { ...value.poll, interval_s: value.poll.interval_s * 4 } }),
  why: (value) => ({ ...value, interval_s: value.configured_s * 4, strain_ms: 17_300 }),
  events: (value) => ({
    ...value,
    items: value.items.map((event, index) => ({
      ...event,
      component: null,
      reason: null,
      kind: index % 2 ? "strain_over" : "under_strain",
    })),
  }),
};

/** A store that has sealed nothing and lost nothing. */
const kYoung = {
  station: (value) => ({ ...value, store: { ...value.store, history: [], state_bytes: 0, damaged_places: 0 } }),
};

/** The newest value of each series alone. */
const kSingle = {
  range: (value) => ({
    ...value,
    t: value.t.slice(-3, -2),
    series: value.series.map((one) => ({
      ...one,
      mean: one.mean.slice(-3, -2),
      min: one.min.slice(-3, -2),
      max: one.max.slice(-3, -2),
    })),
  }),
};

const part = (name, kind, model, serial, version) => ({
  component: `part:${name}`,
  name,
  kind,
  model,
  serial,
  version,
  since: new Date(Date.now() - 9e8).toISOString(),
});
const kParts = [
  part("Chassis", "chassis", "S6730-H48X6C", "2102351KQY10L6000123", "V200R022C00SPC500"),
  part("PWR slot 1", "powerSupply", "PAC600S12-CB", "2102312PDC6TL1000456", null),
  part("FAN slot 1 <b>", "fan", "FAN-031A-B", "2102312PDC6TL1000789", null),
];

function deviceAnswer(id, part, query, world) {
  const one = world.devices.find((candidate) => candidate.id === id);
  if (!one) return null;
  const answers = {
    device: () => room.detail(one, world),
    interfaces: () => page(room.ports(one, world), world.now),
    sensors: () => page(room.sensors(one, world), world.now),
    resources: () => room.resources(one, world),
    inventory: () => ({ items: kParts, behind: false }),
    series: () => {
      const all = kMetrics.map((metric, index) => ({ id: String(index + 1), metric }));
      const items = all.slice(0, Number(query.get("limit") ?? 50));
      return { ...page(items, world.now), total: all.length, metrics: kMetrics };
    },
    why: () => why(one, world, query.get("metric")),
    history: () => room.strip([one], world, Number(query.get("hours") ?? 24), Number(query.get("ticks") ?? 96)),
  };
  return answers[part]?.() ?? null;
}

/** The endpoint's short name and its answer, or null when there is no such thing. */
function route(path, query, world, modes) {
  const parts = path.split("/").slice(3).map(decodeURIComponent);
  if (parts[0] === "alarms" && parts[1]) return { name: "alarm", value: oneAlarm(world, parts[1], modes) };
  if (parts[0] === "devices" && parts[1])
    return { name: parts[2] ?? "device", value: deviceAnswer(parts[1], parts[2] ?? "device", query, world) };
  if (parts[0] === "workbench") return { name: parts[1], value: workbench[parts[1]]?.(modes) ?? null };
  const simple = {
    overview: () =>
      discovery.overviewOf(modes, { ...room.overview(world), alarms: counts(world, modes) }, kEmpty.overview),
    setup: () => discovery.setup(modes),
    discovery: () => discovery.sweep(modes),
    candidates: () => discovery.candidates(modes),
    differences: () => discovery.differences(modes),
    alarms: () => alarms(world, query, modes),
    station: () => ({ ...room.station(world), store: store(world) }),
    devices: () => deviceList(query, world),
    search: () => searched(query, world),
    topology: () => topology(world, (one) => room.listed(one, world), query.get("device")),
    events: () => ({ items: room.events(world, query.get("device")), next: null, damaged: [] }),
    ledger: () => ledger(world, query),
    range: () =>
      range(
        query.get("series").split(","),
        Number(query.get("from")),
        Number(query.get("to")),
        Number(query.get("points") ?? 600),
      ),
  };
  const name = ["candidates", "differences"].includes(parts[1]) ? parts[1] : parts[0];
  return { name, value: simple[name]?.() ?? null };
}

async function api(request, response, url) {
  const modes = forced(request);
  if (modes.includes("starting")) return fail(response, 503, "starting", { retry_after_s: 1 });
  if (url.pathname === "/api/v1/session" || url.pathname === "/api/v1/password")
    return account(request, response, url.pathname.split("/").pop());
  if (!sessions.has(cookies(request).session)) return fail(response, 401, "unauthenticated");
  if (request.method === "POST") return post(request, response, url, modes);
  if (url.pathname === "/api/v1/workbench/recording/text")
    return response.writeHead(200, { "Content-Type": "text/plain" }).end(workbench.recordingText);
  const { name, value } = route(url.pathname, url.searchParams, worldOf(modes), modes);
  const has = (mode) => modes.includes(`${name}.${mode}`) || modes.includes(`all.${mode}`);
  if (has("drop")) return request.socket.destroy();
  if (has("slow")) await new Promise((done) => setTimeout(done, kSlowMs));
  if (has("hold")) await gate.opened;
  if (has("starting")) return fail(response, 503, "starting", { retry_after_s: 1 });
  if (has("500")) return fail(response, 503, "unavailable");
  if (has("403")) return fail(response, 403, "forbidden");
  if (!value) return fail(response, 404, "not_found");
  const modesOf = {
    empty: kEmpty,
    one: kSingle,
    damaged: kDamaged,
    sparse: kSparse,
    young: kYoung,
    unasked: kUnasked,
    strain: kStrain,
  };
  const alter = Object.entries(modesOf).find(([mode]) => has(mode))?.[1][name];
  return sendTagged(request, response, alter ? alter(value) : value);
}

/** A person's step about an alarm, or what somebody sets. */
async function post(request, response, url, modes) {
  const who = sessions.get(cookies(request).session);
  const [, id] = /^\/api\/v1\/alarms\/([^/]+)\/steps$/.exec(url.pathname) ?? [];
  if (request.headers["x-csrf-token"] !== who.csrf) return fail(response, 403, "csrf");
  if (who.user === "viewer") return fail(response, 403, "forbidden");
  if (!id) {
    const given = await bodyOf(request);
    const [status, body] = discovery.changed(url.pathname, given, modes) ??
      workbench.changed(url.pathname, given, modes) ?? [404, "not_found"];
    return status < 300 ? send(response, status, body) : fail(response, status, body);
  }
  if (modes.includes("alarm.busy")) return fail(response, 503, "busy");
  if (modes.includes("alarm.refused")) return fail(response, 400, "bad_request");
  const refused = takeStep(decodeURIComponent(id), await bodyOf(request), who, modes);
  if (modes.includes("alarm.timeout")) return fail(response, 504, "timeout");
  return refused ? fail(response, ...refused) : send(response, 204);
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > kMaxBody) return {};
  }
  return text ? JSON.parse(text) : {};
}

const shown = ({ user, csrf }) => ({
  user,
  role: user === "viewer" ? "viewer" : "admin",
  csrf,
  must_change_password: firstPasswords.has(user),
  idle_timeout_s: 1800,
});

function signIn(response, body) {
  if (wrongTries >= 5) {
    wrongTries = 0;
    return fail(response, 429, "locked", { retry_after_s: 45 });
  }
  if (passwords[body.user] !== body.password) {
    wrongTries += 1;
    return fail(response, 401, "bad_credentials");
  }
  wrongTries = 0;
  const id = randomBytes(16).toString("hex");
  sessions.set(id, { user: body.user, csrf: randomBytes(8).toString("hex") });
  return send(response, 200, shown(sessions.get(id)), {
    "Set-Cookie": `session=${id}; Path=/; HttpOnly; SameSite=Strict`,
  });
}

async function account(request, response, what) {
  if (request.method !== "GET" && request.headers.origin !== `http://${request.headers.host}`)
    return fail(response, 403, "csrf");
  const body = await bodyOf(request);
  if (what === "session" && request.method === "POST") return signIn(response, body);
  const who = sessions.get(cookies(request).session);
  if (!who) return fail(response, 401, "unauthenticated");
  if (request.method === "GET") return send(response, 200, shown(who));
  if (request.headers["x-csrf-token"] !== who.csrf) return fail(response, 403, "csrf");
  if (request.method === "DELETE") {
    if (forced(request).includes("session.drop")) return request.socket.destroy();
    sessions.delete(cookies(request).session);
    return send(response, 204);
  }
  if (passwords[who.user] !== body.current) return fail(response, 401, "bad_credentials");
  if (body.new.length < 12) return fail(response, 400, "weak_password");
  passwords[who.user] = body.new;
  firstPasswords.delete(who.user);
  return send(response, 204);
}

function file(response, url, files) {
  const known = files.get(url.pathname) ?? (/\.\w+$/.test(url.pathname) ? null : files.get("/"));
  if (!known) return fail(response, 404, "not_found");
  const headers = {
    ...kSecurity,
    "Content-Type": known.content_type,
    "Content-Encoding": "gzip",
    "Cache-Control": known.immutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (url.searchParams.has("mock"))
    headers["Set-Cookie"] =
      `mock=${encodeURIComponent(url.searchParams.get("mock").replaceAll(" ", "+"))}; Path=/; SameSite=Strict`;
  response.writeHead(200, headers);
  return response.end(readFileSync(join(dist, `${known.file}.gz`)));
}

/** Starts on loopback; port 0 takes a free one. Resolves to the server. */
export function startMock(port = 0) {
  const files = new Map(
    JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")).files.map((one) => [one.path, one]),
  );
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://mock");
    const answer = url.pathname.startsWith("/api/") ? api(request, response, url) : file(response, url, files);
    Promise.resolve(answer).catch((error) => {
      console.error(error);
      if (!response.headersSent) fail(response, 500, "internal");
    });
  });
  return new Promise((ready) => server.listen(port, "127.0.0.1", () => ready(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--port");
  const server = await startMock(at > 0 ? Number(process.argv[at + 1]) : 8480);
  console.log(`http://127.0.0.1:${server.address().port}/ as admin / ${kUsers.admin}`);
}
