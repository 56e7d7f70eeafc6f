// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up county data room for developing the UI: repeatable values that move with time, with gaps and one outage.

export const kInterval = 30;
const kOffset = 28_800;
const kGb = 1_000_000_000;

/** Pseudo-random 0..1 from any numbers: the same place and time always give the same value. */
export function noise(...seeds) {
  let state = 2166136261;
  for (const seed of seeds) state = Math.imul(state ^ (seed | 0), 16777619);
  state ^= state >>> 13;
  state = Math.imul(state, 1274126177);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

export const iso = (seconds) => new Date(seconds * 1000).toISOString();

export function wave(seed, time) {
  const day = Math.sin((((time + kOffset) % 86_400) / 86_400 - 0.35) * 2 * Math.PI) * 0.5 + 0.5;
  const slow = Math.sin(time / (900 + seed * 37)) * 0.12 + Math.sin(time / (171 + seed)) * 0.06;
  return Math.max(0.02, 0.2 + day * 0.5 + slow + (noise(seed, Math.floor(time / kInterval)) - 0.5) * 0.16);
}

function device(index, id, cls, location, options = {}) {
  return {
    index,
    id,
    cls,
    location,
    address: `10.36.7.${10 + index}`,
    ports: 0,
    uplinks: 0,
    sensors: [],
    host: false,
    ...options,
  };
}

const temperature = (name, base) => ({ name, kind: "temperature", unit: "celsius", base, swing: 3 });
const fan = (name, base) => ({ name, kind: "fan", unit: "rpm", base, swing: 240 });
const chassis = [
  temperature("Intake temperature", 31),
  temperature("Exhaust temperature", 39),
  fan("Fan 1", 5400),
  fan("Fan 2", 5380),
  { name: "Power supply 1", kind: "state", unit: "none", base: 1, swing: 0 },
];

export const devices = [
  device(1, "core-sw-01", "switch", "Cabinet A1, U40", {
    ports: 24,
    uplinks: 4,
    sensors: chassis,
    descr: "H3C S6800-54QF, Comware 7.1.070, Release 6628P22",
  }),
  device(2, "acc-sw-01", "switch", "Cabinet A3, U38", {
    ports: 48,
    uplinks: 4,
    sensors: chassis,
    descr: "Huawei S5735-L48T4X-A1, VRP 5.170",
  }),
  device(3, "acc-sw-02", "switch", "Cabinet A4, U38", {
    ports: 48,
    uplinks: 4,
    sensors: chassis,
    descr: "Huawei S5735-L48T4X-A1, VRP 5.170",
  }),
  device(4, "acc-sw-03", "switch", "Cabinet A5, U38", {
    ports: 48,
    uplinks: 4,
    sensors: chassis,
    down: 808,
    descr: "Huawei S5735-L48T4X-A1, VRP 5.170",
  }),
  device(5, "rtr-01", "router", "Cabinet A1, U36", {
    ports: 6,
    sensors: chassis.slice(0, 3),
    descr: "Huawei AR6280, VRP 5.170",
  }),
  device(6, "fw-01", "firewall", "Cabinet A1, U34", {
    ports: 8,
    sensors: chassis.slice(0, 2),
    descr: "Hillstone SG-6000, StoneOS 5.5R8",
  }),
  device(7, "srv-db-01", "server", "Cabinet B2, U20", {
    ports: 4,
    host: true,
    descr: "Linux srv-db-01 5.10.0-28-amd64 #1 SMP Debian x86_64",
  }),
  device(8, "srv-app-01", "server", "Cabinet B2, U24", {
    ports: 4,
    host: true,
    descr: "Linux srv-app-01 5.10.0-28-amd64 #1 SMP Debian x86_64",
  }),
  device(9, "nas-01", "storage", "Cabinet B3, U12", {
    ports: 4,
    host: true,
    sensors: [temperature("Disk 1", 36), temperature("Disk 2", 37), temperature("Disk 3", 35)],
    descr: "Synology DSM 7.2, RS2423RP+",
  }),
  device(10, "ups-01", "ups", "Power room", {
    ports: 1,
    sensors: [
      { name: "Output voltage", kind: "voltage", unit: "volts", base: 220.6, swing: 1.4 },
      { name: "Output current", kind: "current", unit: "amperes", base: 18.2, swing: 4 },
      { name: "Output power", kind: "power", unit: "watts", base: 3840, swing: 700 },
      { name: "Output frequency", kind: "frequency", unit: "hertz", base: 50, swing: 0.05 },
      { name: "Battery charge", kind: "other", unit: "ratio", base: 0.99, swing: 0.01 },
      temperature("Battery temperature", 26),
    ],
    descr: "Kehua YTR3320, network card 2.3",
  }),
  device(11, "env-01", "sensor", "Aisle A, ceiling", {
    sensors: [
      temperature("Cold aisle temperature", 23.4),
      temperature("Hot aisle temperature", 31.8),
      { name: "Cold aisle humidity", kind: "humidity", unit: "ratio", base: 0.46, swing: 0.05 },
      { name: "Water leak", kind: "state", unit: "none", base: 0, swing: 0 },
      { name: "Spare probe", kind: "temperature", unit: "celsius", missing: true },
    ],
    descr: "HWg-STE2",
  }),
  device(12, "qh-07", "server", "Cabinet A1, U30", {
    ports: 3,
    host: true,
    descr: "Outstation appliance, Debian GNU/Linux 12",
  }),
];

export const startedAt = Math.floor(Date.now() / 1000);

/** Times without data: the appliance restarted 20 minutes before the mock started, and 15 h before. */
export const kGaps = [
  [startedAt - 1500, startedAt - 1080],
  [startedAt - 55_800, startedAt - 54_000],
];
/** Half an hour of records that the disk cannot give any more. */
export const damagedAt = { from: startedAt - 14_400, to: startedAt - 12_600 };
export const kDay = 86_400;
/** Days of history by level of detail. */
export const kKept = { raw: 12, m1: 90, m15: 400, h1: 1100 };
const kOldest = startedAt - kKept.h1 * kDay;
export const inGap = (time) =>
  time < kOldest ||
  (time >= damagedAt.from && time < damagedAt.to) ||
  kGaps.some(([from, to]) => time >= from && time < to);
export const isDown = (one, time) => one.down !== undefined && time >= startedAt - one.down;

export const stateOf = (one, world) => (world.calm || one.down === undefined ? "up" : "down");

function seenAt(one, world) {
  return stateOf(one, world) === "down"
    ? startedAt - one.down - 12
    : world.now - ((world.now + one.index * 2) % kInterval);
}

export function listed(one, world) {
  const state = stateOf(one, world);
  const total = one.ports + one.uplinks;
  return {
    id: one.id,
    name: one.name ?? one.id,
    address: one.address,
    class: one.cls,
    location: one.location,
    state,
    since: iso(state === "down" ? startedAt - one.down : startedAt - 1080),
    last_seen: iso(seenAt(one, world)),
    reason: state === "down" ? "timeout" : null,
    uptime_s: state === "down" ? null : 18_489_600 + one.index * 7777,
    interfaces_up: total ? ports(one, world).filter((port) => port.oper === "up").length : null,
    interfaces_total: total || null,
    sensors: one.sensors.length || null,
  };
}

export function detail(one, world) {
  const last = world.now - ((world.now + one.index * 2) % kInterval);
  const down = stateOf(one, world) === "down";
  return {
    ...listed(one, world),
    origin: "local",
    attributes: {
      sys_descr: one.descr,
      sys_name: one.id,
      sys_location: one.location,
      sys_contact: "<b>Qinghe</b> \u202eoperations",
      sys_object_id: `1.3.6.1.4.1.2011.2.23.${one.index}`,
    },
    poll: {
      interval_s: kInterval,
      configured_s: kInterval,
      last: iso(last),
      next: iso(last + kInterval),
      duration_ms: down ? 6004 : 38.2 + one.index,
      rtt_ms: down ? null : 1.84 + one.index / 10,
      requests: down ? 3 : 12,
      values: down ? 0 : (one.ports + one.uplinks) * 11 + one.sensors.length + 9,
      timeouts: down ? 3 : 0,
      error: down ? "no answer to 3 requests" : null,
      protocol: "SNMPv2c",
      authenticated: false,
    },
  };
}

function portName(one, number) {
  if (one.host) return number === 1 ? "lo" : `eth${number - 2}`;
  if (number > one.ports) return `XGE1/0/${number}`;
  return one.cls === "router" ? `GE0/0/${number}` : `GE1/0/${number}`;
}

const kAliases = ["uplink core-sw-01", "nvr-02", "office floor 2", "ap-301", "video platform", "door controllers"];

export function port(one, number, world) {
  const key = one.index * 100 + number;
  const lo = one.host && number === 1;
  const uplink = number > one.ports;
  const busy = one.id === "acc-sw-01" && number === 15;
  const oper = lo || uplink ? number <= one.ports + 2 : one.ports < 12 || noise(key, 7) > 0.38 || number === 20 || busy;
  const disabled = !lo && !oper && noise(key, 3) > 0.75;
  const speed = uplink ? 10 * kGb : kGb;
  const load = lo ? 0.001 : busy ? 0.84 : uplink ? 0.09 : 0.02 + noise(key, 1) * 0.16;
  const rate = (part) =>
    oper ? Math.round(Math.min(0.97, wave(key, world.now) * load * (busy ? 1.5 : 1)) * speed * part) : 0;
  const errors = number === 20 && !one.host ? 3.2 : 0;
  return {
    if_index: number,
    name: portName(one, number),
    descr: portName(one, number),
    alias: oper && noise(key, 5) > 0.6 ? kAliases[key % kAliases.length] : null,
    type: lo ? 24 : 6,
    mac: lo ? null : `5c:e8:83:${(16 + one.index).toString(16)}:00:${(16 + number).toString(16)}`,
    admin: disabled ? "down" : "up",
    oper: oper && !(number === 6 && one.id === "core-sw-01") ? "up" : "down",
    speed_bps: lo ? 10_000_000 : speed,
    in_bps: rate(1),
    out_bps: busy ? Math.round(rate(0.5)) : rate(0.4),
    in_errors_per_s: errors,
    out_errors_per_s: 0,
    in_series: String(key * 10 + 1),
    out_series: String(key * 10 + 2),
    time: iso(seenAt(one, world)),
  };
}

export function ports(one, world) {
  return Array.from({ length: one.ports + one.uplinks }, (_, index) => port(one, index + 1, world));
}

export const sensorAt = (one, number, time) => {
  const sensor = one.sensors[number];
  return sensor.base + (wave(one.index * 50 + number, time) - 0.45) * sensor.swing;
};

export function sensors(one, world) {
  return one.sensors.map((sensor, number) => ({
    name: sensor.name,
    kind: sensor.kind,
    unit: sensor.unit,
    value: sensor.missing ? null : Number(sensorAt(one, number, world.now).toFixed(3)),
    status: sensor.missing ? "unavailable" : "ok",
    series: sensor.missing ? null : String(500_000 + one.index * 100 + number),
    time: iso(seenAt(one, world)),
  }));
}

export const kGib = 1024 ** 3;
const kAreas = [
  ["Physical memory", "ram", 16],
  ["Swap space", "virtual", 4],
  ["/", "disk", 240],
  ["/var/lib/postgresql", "disk", 1800],
];

export function resources(one, world) {
  if (!one.host) return { processors: [], storage: [], as_of: iso(world.now) };
  const processors = [0, 1, 2, 3].map((number) => ({
    name: `CPU ${number}`,
    load_ratio: wave(one.index + number, world.now) * 0.4,
    series: String(600_000 + one.index * 100 + number),
  }));
  const storage = kAreas.map(([name, kind, size], number) => {
    const ratio = Math.min(0.97, 0.2 + noise(one.index, number) * 0.5 + (number === 3 ? 0.28 : 0));
    return {
      name,
      kind,
      size_bytes: size * kGib,
      used_bytes: Math.round(size * kGib * ratio),
      used_ratio: ratio,
      series: String(700_000 + one.index * 100 + number),
    };
  });
  return { processors, storage, as_of: iso(world.now) };
}

function tickOf(one, from, to) {
  if (kGaps.some(([gapFrom, gapTo]) => from >= gapFrom && to <= gapTo)) return "none";
  if (isDown(one, to - 1)) return "down";
  const luck = noise(one.index, Math.floor(from / 900));
  if (one.cls === "ups" && luck > 0.97) return "down";
  return luck > 0.982 ? "degraded" : "ok";
}

export function strip(group, world, hours, count) {
  const step = (hours * 3600) / count;
  const from = Math.floor((world.now - hours * 3600) / step) * step + step;
  const rank = ["none", "ok", "degraded", "down"];
  const usable = world.calm ? group.map((one) => ({ ...one, down: undefined })) : group;
  const ticks = Array.from({ length: count }, (_, index) =>
    usable
      .map((one) => tickOf(one, from + index * step, from + (index + 1) * step))
      .reduce((worst, tick) => (rank.indexOf(tick) > rank.indexOf(worst) ? tick : worst), "none"),
  );
  const measured = ticks.filter((tick) => tick !== "none");
  return {
    from,
    step_s: step,
    ticks,
    measured_ratio: measured.length / ticks.length,
    available_ratio: measured.length ? measured.filter((tick) => tick !== "down").length / measured.length : null,
  };
}

export function events(world, id) {
  const list = [
    [808, "acc-sw-03", "device_down", null, "timeout"],
    [1080, "qh-07", "device_restarted", null, null],
    [5200, "core-sw-01", "interface_down", "GE1/0/6", null],
    [9100, "srv-app-01", "device_up", null, null],
    [9400, "srv-app-01", "device_down", null, "timeout"],
    [30_200, "acc-sw-01", "interface_up", "GE1/0/15", null],
    [30_260, "acc-sw-01", "interface_down", "GE1/0/15", null],
    [97_000, "ups-01", "device_up", null, null],
    [97_300, "ups-01", "device_down", null, "unreachable"],
    [266_000, "rtr-01", "device_restarted", null, null],
  ].filter(([age]) => !(world.calm && age === 808));
  return list
    .map(([age, device, kind, component, reason], index) => ({
      sequence: 900 - index,
      time: iso(startedAt - age),
      device,
      device_name: device,
      kind,
      component,
      reason,
    }))
    .filter((event) => !id || event.device === id);
}

const host = (world) => ({
  cpu_ratio: 0.11 + noise(world.now / 10) * 0.08,
  memory_used_bytes: 1.21 * kGib,
  memory_total_bytes: 1.94 * kGib,
  disk_used_bytes: 21.4 * kGib,
  disk_total_bytes: 27.9 * kGib,
  clock_synchronised: true,
});

const kStation = {
  name: "青禾县机房",
  site_path: ["江澜省", "云渡市", "青禾县"],
  zone: { name: "Asia/Shanghai", utc_offset_s: kOffset },
  version: "0.1.0",
  config_origin: "local",
};

export function overview(world) {
  const all = world.devices ?? devices;
  const rows = all.map((one) => listed(one, world));
  const count = (state) => rows.filter((row) => row.state === state).length;
  const busiest = all
    .filter((one) => stateOf(one, world) === "up")
    .flatMap((one) =>
      ports(one, world).map((row) => ({
        device: one.id,
        device_name: one.name ?? one.id,
        interface: row.name,
        in_bps: row.in_bps,
        out_bps: row.out_bps,
        speed_bps: row.speed_bps,
      })),
    );
  busiest.sort((a, b) => b.in_bps - a.in_bps);
  const classes = [...new Set(all.map((one) => one.cls))];
  return {
    now: iso(world.now),
    data_time: iso(world.now - (world.now % 10) - world.age),
    store_connected: !world.storeGone,
    poll_interval_s: kInterval,
    station: kStation,
    devices: { total: rows.length, up: count("up"), down: count("down"), unknown: 0 },
    series: 2291,
    samples_per_second: 76.4,
    durable_lag_s: 3.2,
    problems: rows
      .filter((row) => row.state !== "up")
      .slice(0, 20)
      .map((row) => ({
        device: row.id,
        name: row.name,
        state: row.state,
        since: row.since,
        reason: row.reason,
        location: row.location,
      })),
    groups: classes.map((cls) => {
      const group = all.filter((one) => one.cls === cls);
      const down = group.filter((one) => stateOf(one, world) === "down").length;
      return {
        class: cls,
        total: group.length,
        up: group.length - down,
        down,
        unknown: 0,
        strip: strip(group, world, 24, 96),
      };
    }),
    busiest: busiest.slice(0, 5),
    events: events(world).slice(0, 8),
    damaged: [],
    host: host(world),
  };
}

export function station(world) {
  const names = ["stored", "confd", "authd", "polld", "webd"];
  return {
    ...kStation,
    now: iso(world.now),
    started: iso(startedAt - 1080),
    certificate_sha256:
      "7B:1C:0E:55:9A:D2:43:F8:6E:21:B0:CC:84:3F:17:9D:A5:60:E2:48:0B:D9:71:36:5F:C8:92:AE:13:4D:F6:08",
    daemons: names.map((name, index) => ({
      name,
      state: "running",
      pid: 4101 + index,
      uptime_s: world.now - startedAt + 1080,
      rss_bytes: (4.2 + index * 1.7) * 1024 ** 2,
      loop_lag_ms: 0.4 + index * 0.3,
      version: "0.1.0",
    })),
    host: host(world),
  };
}
