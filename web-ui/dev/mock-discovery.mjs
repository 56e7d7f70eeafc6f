// SPDX-License-Identifier: GPL-3.0-or-later
// Set-up and discovery of the mock station: a box that is new (mode "setup"), or one that was searched before. What people
// do is kept for pages with the same own-ANYTHING mode. Each look at a running sweep takes it further.

const kAddressesALook = 12;

const found = (address, name, vendor, model, kind, more = {}) => ({
  addresses: [address],
  sys_name: name,
  vendor,
  class: kind,
  model,
  version: "8.1",
  serial: `SN-${address.split(".").pop()}`,
  credential: "room",
  packs: [`${vendor}-${kind}`, "if-mib"],
  why: ["sysObjectID 1.3.6.1.4.1.2011.*", "probe 1.3.6.1.2.1.2"],
  problem: null,
  trouble: null,
  known_as: null,
  ignored: false,
  seen: ["snmp", "ping"],
  difference: null,
  suggested_id: name,
  suggested_class: kind,
  object_id: "1.3.6.1.4.1.2011.2.23.339",
  description: `${vendor} ${model} <script>alert(1)</script>\u202e`,
  ...more,
});
const trouble = (address, kind, problem, seen) => ({
  ...found(address, null, null, null, null),
  seen,
  version: null,
  serial: null,
  credential: null,
  packs: [],
  why: [],
  problem,
  trouble: kind,
  suggested_id: null,
  suggested_class: null,
  object_id: null,
  description: null,
});

const kFound = [
  found("10.36.7.1", "core-sw-01", "huawei", "S6730-H48X6C", "switch", { addresses: ["10.36.7.1", "10.36.8.1"] }),
  found("10.36.7.2", "rtr-01", "h3c", "MSR3620", "router"),
  found("10.36.7.21", "acc-sw", "huawei", "S5735-L24T4S", "switch"),
  found("10.36.7.22", "acc-sw", "huawei", "S5735-L24T4S", "switch"),
  found("10.36.7.31", "ups-01", "apc", "Smart-UPS 3000", "ups"),
  trouble("10.36.7.40", "refused", "it refuses credential core: authentication", ["snmp", "ping", "arp"]),
  trouble("10.36.7.44", "silent", "it is there (ping, IPMI, TCP 443, ARP), but answers no credential by SNMP", [
    "ping",
    "ipmi",
    "tcp/443",
    "arp",
  ]),
];

const side = (address, sys_name, version, serial) => ({
  addresses: [address],
  sys_name,
  vendor: "huawei",
  model: "S5735-L24T4S",
  version,
  serial,
});
const difference = (id, kind, device, differs, before, now) => ({
  id,
  kind,
  device,
  device_name: device,
  differs,
  before,
  now,
  found: new Date(Date.now() - 8e5).toISOString(),
  first_seen: new Date(Date.now() - 9e9).toISOString(),
  last_seen: new Date(Date.now() - 9e7).toISOString(),
  ignored: false,
});
const kDifferences = [
  difference("11", "vanished", null, [], side("10.36.7.19", "printer-2", "1", "P2"), null),
  difference(
    "12",
    "changed",
    "core-sw-01",
    ["serial", "version"],
    side("10.36.7.1", "core-sw-01", "8.0 <b>", "SN-0"),
    side("10.36.7.1", "core-sw-01", "8.1", "SN-1"),
  ),
  difference("13", "new", null, [], null, side("10.36.7.31", "ups-01", "8.1", "SN-31")),
];

const kNetworks = [
  { subnet: "10.36.7.0/24", addresses: 254, port: 161, interface: "eth0" },
  { subnet: "10.36.0.0/16", addresses: 65534, port: 161, interface: "eth1" },
];

const iso = (ms) => (ms ? new Date(ms).toISOString() : null);

function fresh(isNew) {
  const scope = { subnets: ["10.36.7.0/24"], credentials: ["room", "core"], port: 161, fixed: true };
  return {
    isNew,
    station: { name: isNew ? "Outstation" : "青禾县机房", site_path: isNew ? [] : ["江澜省", "云渡市"], fixed: !isNew },
    credentials: isNew
      ? []
      : [
          {
            name: "room",
            protocol: "snmp-v2c",
            user: null,
            auth_protocol: null,
            priv_protocol: null,
            fixed: true,
            limits: null,
          },
          {
            name: "core",
            protocol: "snmp-v3",
            user: "reader",
            auth_protocol: "sha256",
            priv_protocol: "aes128",
            fixed: true,
            limits: null,
          },
        ],
    scopes: isNew ? [] : [scope],
    sweep: isNew
      ? { state: "never", ranges: [], total: 0, done: 0, started: 0, ended: 0 }
      : {
          state: "done",
          ranges: scope.subnets,
          total: 254,
          done: 254,
          started: Date.now() - 9e5,
          ended: Date.now() - 8e5,
        },
    accepted: new Map(),
    ignored: new Set(),
    differences: isNew ? [] : kDifferences.map((one) => ({ ...one })),
  };
}

const boxes = new Map();
function boxOf(modes) {
  const isNew = modes.includes("setup");
  const key = `${modes.find((mode) => mode.startsWith("own-")) ?? ""} ${isNew}`;
  if (!boxes.has(key)) boxes.set(key, fresh(isNew));
  return boxes.get(key);
}

function seen(box) {
  const { done, total } = box.sweep;
  const count = total ? Math.round((kFound.length * done) / total) : 0;
  const known = (one) =>
    box.accepted.get(one.addresses[0]) ?? (box.isNew || one.sys_name !== "rtr-01" ? null : "rtr-01");
  return kFound
    .slice(0, count)
    .map((one) => ({
      ...one,
      known_as: known(one),
      ignored: box.ignored.has(one.addresses[0]),
      difference: box.differences.find((other) => other.kind === "new" && other.now.addresses[0] === one.addresses[0])
        ? "new"
        : null,
    }))
    .sort((a, b) => Number(b.problem !== null) - Number(a.problem !== null));
}

function sweepOf(box) {
  const { sweep } = box;
  const all = seen(box);
  const found = all.filter((one) => one.credential !== null).length;
  return {
    ...sweep,
    found,
    others: all.length - found,
    started: iso(sweep.started),
    ended: iso(sweep.ended),
    problems: box.isNew ? [] : ["credential core was refused", "the line may be"],
    problem_kinds: box.isNew ? [] : ["left_alone", "unanswered"],
    left_alone: box.isNew ? [] : ["core"],
    probed: sweep.done,
    unprobed: box.isNew ? null : "ping",
    next: box.isNew ? null : iso(Date.now() + 36e6),
  };
}

const setupOf = (box) => ({
  needed: needsSetup(box),
  station: box.station,
  networks: kNetworks,
  credentials: box.credentials,
  scopes: box.scopes,
});

const needsSetup = (box) => box.isNew && box.accepted.size === 0;

/** What the overview of this box says of it, in the place of the room's. */
export function overviewOf(modes, value, empty) {
  const box = boxOf(modes);
  if (!box.isNew) return { ...value, needs_setup: false };
  const total = box.accepted.size;
  const station = { ...value.station, name: box.station.name, site_path: box.station.site_path };
  const devices = { total, up: total, down: 0, unknown: 0 };
  const alarms = { critical: 0, major: 0, minor: 0, warning: 0, untaken: 0, shelved: 0, cleared: 0 };
  return { ...empty(value), station, devices, alarms, needs_setup: needsSetup(box) };
}

export const setup = (modes) => setupOf(boxOf(modes));
export const differences = (modes) => ({ items: boxOf(modes).differences });
export const candidates = (modes) => ({ items: seen(boxOf(modes)) });

export function sweep(modes) {
  const box = boxOf(modes);
  const now = box.sweep;
  if (now.state === "running" && !modes.includes("sweep.stuck")) {
    now.done = Math.min(now.total, now.done + kAddressesALook);
    if (now.done === now.total) Object.assign(now, { state: "done", ended: Date.now() });
  }
  return sweepOf(box);
}

const kTo = { pause: "paused", resume: "running", stop: "stopped" };

function act(box, { action, ranges }) {
  if (action === "start")
    box.sweep = { state: "running", ranges: ranges.split(" "), total: 60, done: 0, started: Date.now(), ended: 0 };
  else box.sweep.state = kTo[action];
  return [200, sweepOf(box)];
}

function named(box, { name, site }) {
  box.station = { ...box.station, name, site_path: site.split("/").filter(Boolean) };
  return [200, setupOf(box)];
}

function put(box, body) {
  const { name, protocol, user = null, auth_protocol = null, priv_protocol = null } = body;
  if (name === "taken") return [409, "conflict"];
  box.credentials = [
    ...box.credentials.filter((one) => one.name !== name),
    { name, protocol, user, auth_protocol, priv_protocol, fixed: false, limits: null },
  ];
  return [200, setupOf(box)];
}

function scoped(box, { subnets, credentials, port }) {
  const own = { subnets: subnets.split(" "), credentials: credentials.split(" "), port, fixed: false };
  box.scopes = [...box.scopes.filter((one) => one.fixed), own];
  for (const one of box.credentials)
    if (own.credentials.includes(one.name)) one.limits ??= { subnets: own.subnets, port };
  return [200, setupOf(box)];
}

function take(box, { address, id }, modes) {
  if (modes.includes("accept.refused") && address.endsWith(".31")) return [409, "conflict"];
  if ([...box.accepted.values()].includes(id)) return [409, "conflict"];
  box.accepted.set(address, id);
  return [200, { id }];
}

function settled(box, { id, action }) {
  const one = box.differences.find((each) => each.id === id);
  if (!one) return [404, "not_found"];
  if (action === "accept") box.differences = box.differences.filter((each) => each !== one);
  else one.ignored = action === "ignore";
  return [204];
}

function ignored(box, { address, action }) {
  if (action === "ignore") box.ignored.add(address);
  else box.ignored.delete(address);
  return [204];
}

const kPosts = {
  "/api/v1/discovery": act,
  "/api/v1/discovery/candidates": ignored,
  "/api/v1/discovery/differences": settled,
  "/api/v1/discovery/devices": take,
  "/api/v1/setup/station": named,
  "/api/v1/setup/credentials": put,
  "/api/v1/setup/scope": scoped,
};

/** [status, body or code], or null when the path is not of these. */
export const changed = (path, body, modes) => kPosts[path]?.(boxOf(modes), body, modes) ?? null;
