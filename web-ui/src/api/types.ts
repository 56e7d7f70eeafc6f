// SPDX-License-Identifier: GPL-3.0-or-later
// The shapes of the REST API as docs/api/openapi.yaml states them; null means "not known", never zero.

export type Time = string | null;
export type DeviceState = "up" | "down" | "unknown";
export type DeviceClass =
  | "switch"
  | "router"
  | "firewall"
  | "server"
  | "storage"
  | "ups"
  | "pdu"
  | "sensor"
  | "printer"
  | "other";
export type Reason = "timeout" | "refused" | "auth" | "clock" | "malformed" | "unreachable" | "no_store" | "not_polled";
export type Role = "viewer" | "technician" | "operator" | "admin";
export type Origin = "defaults" | "local" | "policy";
export type Tick = "ok" | "degraded" | "down" | "none";

export interface Session {
  user: string;
  role: Role;
  csrf: string;
  must_change_password: boolean;
  idle_timeout_s: number;
}

export interface Zone {
  name: string;
  utc_offset_s: number;
}

export interface Host {
  cpu_ratio: number | null;
  memory_used_bytes: number | null;
  memory_total_bytes: number | null;
  disk_used_bytes: number | null;
  disk_total_bytes: number | null;
  clock_synchronised: boolean | null;
}

export interface Daemon {
  name: string;
  state: "running" | "starting" | "stopped";
  pid: number | null;
  uptime_s: number | null;
  rss_bytes: number | null;
  loop_lag_ms: number | null;
  version: string | null;
}

export interface Stream {
  name: "state" | "samples" | "logs" | "flows" | "audit" | "jobs" | "ledger";
  first_sequence: number;
  last_sequence: number;
  durable_sequence: number;
  bytes: number;
  oldest: Time;
}

/** How much of the samples is kept: every value, or what became of a minute, a quarter of an hour, an hour. */
export type Level = "raw" | "m1" | "m15" | "h1";

export interface HistoryLevel {
  level: Level;
  from: Time;
  to: Time;
  bytes: number;
  files: number;
}

export interface Store {
  bytes: number;
  limit_bytes: number;
  flush_interval_s: number;
  streams: Stream[];
  history: HistoryLevel[];
  state_bytes: number;
  damaged_places: number;
  /** What cannot be written at present, and is tried again. */
  failing: { since: Time; reason: string } | null;
  impossible_stamps: number;
}

export interface Station {
  name: string;
  site_path: string[];
  zone: Zone;
  version: string;
  now: Time;
  started: Time;
  certificate_sha256: string;
  config_origin: Origin;
  daemons: Daemon[];
  store: Store | null;
  host: Host;
}

export interface Strip {
  from: number;
  step_s: number;
  ticks: Tick[];
  available_ratio?: number | null;
  measured_ratio?: number | null;
}

export interface Problem {
  device: string;
  name: string;
  state: DeviceState;
  since: Time;
  reason: Reason | null;
  location: string | null;
}

export interface Group {
  class: DeviceClass;
  total: number;
  up: number;
  down: number;
  unknown: number;
  strip: Strip;
}

export interface BusyInterface {
  device: string;
  device_name: string;
  interface: string;
  in_bps: number | null;
  out_bps: number | null;
  speed_bps: number | null;
}

export type EventKind =
  | "device_up"
  | "device_down"
  | "device_restarted"
  | "interface_up"
  | "interface_down"
  | "changing_too_often"
  | "too_many_series"
  | "under_strain"
  | "strain_over"
  | "engine_changed"
  | "engine_alternates"
  | "engine_clock_back"
  | "engine_shared"
  | "engine_settled"
  | "component_changed"
  | "component_replaced"
  | "discovery_new"
  | "discovery_changed"
  | "discovery_vanished";

/** What a device is built of. */
export interface Part {
  component: string;
  name: string | null;
  kind: string | null;
  model: string | null;
  serial: string | null;
  version: string | null;
  since: Time;
}

export interface StateEvent {
  sequence: number;
  time: Time;
  device: string;
  device_name: string;
  kind: EventKind;
  component: string | null;
  reason: Reason | null;
}

/** Records that were on disk and cannot be read: a list lacks them. */
export interface DamagedSpan {
  from: Time;
  to: Time;
  first_sequence: number | null;
  last_sequence: number | null;
}

export type Account = "not_collected" | "dropped" | "thinned" | "damaged" | "unknown";

/** An entry of the gap ledger. Without a number it is not over yet. */
export interface LedgerEntry {
  sequence: number | null;
  account: Account;
  stream: Stream["name"];
  device: string | null;
  device_name: string | null;
  from: Time;
  to: Time;
  reason: string;
  first_sequence: number | null;
  last_sequence: number | null;
  step_s: number | null;
}

export type Severity = "critical" | "major" | "minor" | "warning";
export type AlarmScope = "active" | "shelved" | "cleared";
export type AlarmStepName =
  | "raised"
  | "escalated"
  | "eased"
  | "acknowledged"
  | "assigned"
  | "noted"
  | "shelved"
  | "unshelved"
  | "cleared"
  | "reopened"
  | "restated";

export interface Alarm {
  id: string;
  device: string | null;
  device_name: string | null;
  component: string | null;
  rule: string;
  name: { zh: string; en: string };
  severity: Severity;
  open: boolean;
  raised: Time;
  /** Since when it is as it is; of one that is over its end. */
  since: Time;
  /** Of the newest step. */
  changed: Time;
  reopened: number;
  acknowledged_by: string | null;
  acknowledged: Time;
  assignee: string | null;
  shelved_until: Time;
  value: number | null;
  limit: number | null;
  unit: string | null;
  /** False: the newest step is in memory alone. */
  recorded: boolean;
  /** Is nowhere but in memory and never will be: nobody can do anything about it but mend the store. */
  volatile: boolean;
}

/** Of the active ones by severity and without a person; and how many others there are. */
export interface AlarmCounts {
  critical: number;
  major: number;
  minor: number;
  warning: number;
  untaken: number;
  shelved: number;
  cleared: number;
}

export interface AlarmPage extends Page<Alarm> {
  counts: AlarmCounts;
  /** The journal is not followed now: these are the alarms as they were known last. */
  behind: boolean;
}

export interface AlarmStep {
  sequence: number;
  time: Time;
  step: AlarmStepName;
  severity: Severity;
  by: string | null;
  text: string | null;
  assignee: string | null;
  shelved_until: Time;
  value: number | null;
}

export interface AlarmDetail {
  alarm: Alarm;
  /** Newest first, back to where this occurrence began; null when the store does not answer. */
  record: AlarmStep[] | null;
  /** False: older steps are not shown. */
  complete: boolean;
  damaged: DamagedSpan[];
  behind: boolean;
}

export interface Overview {
  now: Time;
  data_time: Time;
  store_connected: boolean;
  poll_interval_s: number;
  station: { name: string; site_path: string[]; zone: Zone; version: string; config_origin: Origin };
  devices: { total: number; up: number; down: number; unknown: number };
  needs_setup: boolean;
  series: number;
  samples_per_second: number | null;
  durable_lag_s: number | null;
  problems: Problem[];
  groups: Group[];
  busiest: BusyInterface[];
  /** Null while alertd does not answer. */
  alarms: AlarmCounts | null;
  events: StateEvent[];
  damaged: DamagedSpan[];
  host: Host;
}

export interface Device {
  id: string;
  name: string;
  address: string;
  class: DeviceClass;
  location?: string | null;
  state: DeviceState;
  since?: Time;
  last_seen?: Time;
  reason?: Reason | null;
  uptime_s?: number | null;
  interfaces_up?: number | null;
  interfaces_total?: number | null;
  sensors?: number | null;
}

/** What is so of a device or one of its components. */
export interface Fact {
  /** What it is for good, `interface:7`; its name and its ifIndex may change. */
  component: string | null;
  name: string | null;
  attribute: string;
  value: string;
  reason: string | null;
  since: Time;
  until: Time;
}

export interface Found {
  items: (Fact & { device: string; device_name: string })[];
  more: boolean;
  behind: boolean;
}

export interface DeviceDetail extends Device {
  attributes?: Partial<
    Record<
      | "sys_descr"
      | "sys_object_id"
      | "sys_name"
      | "sys_location"
      | "sys_contact"
      | "vendor"
      | "class"
      | "model"
      | "version"
      | "serial",
      string
    >
  >;
  origin?: "local" | "policy";
  poll?: {
    interval_s: number;
    configured_s: number;
    last: Time;
    next: Time;
    duration_ms: number | null;
    rtt_ms: number | null;
    requests: number | null;
    values: number | null;
    timeouts: number | null;
    error: string | null;
    protocol: string;
    authenticated: boolean;
  };
}

export interface Interface {
  if_index: number;
  name: string;
  descr: string | null;
  alias: string | null;
  type: number | null;
  mac: string | null;
  admin: "up" | "down" | "testing" | null;
  oper: "up" | "down" | "testing" | "unknown" | "dormant" | "not_present" | "lower_layer_down" | null;
  speed_bps: number | null;
  in_bps: number | null;
  out_bps: number | null;
  in_errors_per_s: number | null;
  out_errors_per_s: number | null;
  in_series: string | null;
  out_series: string | null;
  time: Time;
}

export type SensorKind =
  | "temperature"
  | "humidity"
  | "fan"
  | "voltage"
  | "current"
  | "power"
  | "frequency"
  | "airflow"
  | "charge"
  | "load"
  | "runtime"
  | "state"
  | "other";
export type SensorUnit =
  | "celsius"
  | "ratio"
  | "rpm"
  | "volts"
  | "amperes"
  | "watts"
  | "hertz"
  | "cmm"
  | "seconds"
  | "voltamperes"
  | "vars"
  | "joules"
  | "dbm"
  | "db"
  | "pascals"
  | "none";

export interface Sensor {
  name: string;
  kind: SensorKind;
  unit: SensorUnit;
  value: number | null;
  status: "ok" | "unavailable" | "nonoperational" | null;
  series: string | null;
  time: Time;
}

export interface Processor {
  name: string;
  load_ratio: number | null;
  series: string | null;
}

export interface StorageArea {
  name: string;
  kind: "ram" | "virtual" | "disk" | "removable" | "flash" | "other";
  size_bytes: number | null;
  used_bytes: number | null;
  used_ratio: number | null;
  series: string | null;
}

export interface Resources {
  processors: Processor[];
  storage: StorageArea[];
  as_of: Time;
}

export interface Page<T> {
  items: T[];
  total: number;
  next: string | null;
  as_of: Time;
}

/** A page of series; of all pages the metrics. */
export interface SeriesPage {
  metrics: string[];
}

/** The last request to a device. */
export interface WhyRequest {
  time: Time;
  pdu: "GET" | "GETNEXT" | "GETBULK";
  oid: string | null;
  oids: number;
  rows: number | null;
  tries_before: number;
  bytes: number;
  reply: { after_ms: number; bytes: number; error_status: number } | null;
}

/** A part of what is read, and what it cost the last time. */
export interface WhyPart {
  name: string;
  rows: number;
  requests: number;
  bytes: number;
  time_ms: number;
  most_rows: number | null;
  most_columns: number | null;
  error: string | null;
}

export interface WhySource {
  metric: string;
  labels: Record<string, string>;
  oid: string | null;
  scale: number;
  part: string | null;
  origin: string;
}

/** Why a device is polled as it is. */
export interface Why {
  configured_s: number;
  interval_s: number;
  failures: number;
  strain_ms: number | null;
  last_answer: Time | null;
  last_error: { time: Time; text: string } | null;
  request: WhyRequest | null;
  learned: {
    version: string;
    getbulk: boolean;
    rtt_ms: number | null;
    timeout_ms: number;
    scalars_per_request: number;
    absent_scalars: number;
    engine: { id: string; boots: number; time_s: number } | null;
  } | null;
  parts: WhyPart[];
  sources: WhySource[];
  more_sources: boolean;
}

export interface RangeSeries {
  id: string;
  metric: string;
  unit: string;
  rate: boolean;
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  /** Seconds at which a counter began anew. */
  resets: number[];
  summary: Record<"last" | "min" | "mean" | "p95" | "max", number | null>;
}

export interface Range {
  from: number;
  to: number;
  step_s: number;
  t: number[];
  series: RangeSeries[];
  /** Times of records that cannot be read, in seconds: what the points there lack may have been in them. */
  damaged: { from: number; to: number }[];
}
