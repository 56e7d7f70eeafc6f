// SPDX-License-Identifier: GPL-3.0-or-later
// The summary of a device: reachability, traffic, ports, what happened, and how it is polled.

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { DeviceDetail, EventKind, Interface, Sensor, StateEvent, Strip } from "../api/types";
import { availability, clockTime, date, duration, momentOrNone, number, orNone, percent, sensorValue, short, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { devicePath, route, setQuery } from "../router";
import { RangeChart } from "../widgets/chart";
import type { ChartMark } from "../widgets/plot";
import { EventLine } from "../widgets/events";
import { Meter } from "../widgets/meter";
import { Panel, PanelFrame } from "../widgets/panel";
import { isPhysical, Ports, portSummary } from "../widgets/ports";
import { kLoopback, linkRate, PortCell, portState, PortStateText, SensorStateText, useRatio } from "../widgets/state";
import { TickStrip } from "../widgets/strip";
import { freshness, lostInterfaces, useEvents, useHistory, useInterfaces, useResources, useSensors } from "./device_data";
import { storageText } from "./device_tabs";

const kHours = 168;
const kShortList = 6;

function StripDays({ strip }: { strip: Strip }): JSX.Element {
  const span = strip.step_s * strip.ticks.length;
  const days = Array.from({ length: 7 }, (_, index) => strip.from + (span * index) / 7);
  return <div class="axis" aria-hidden="true">{days.map((at) => <span key={at}>{date(at * 1000)}<span class="hide-s"> {clockTime(at * 1000, false)}</span></span>)}<span>{t("now")}</span></div>;
}

function Reachability({ device }: { device: DeviceDetail }): JSX.Element {
  const feed = useHistory(device, kHours, kHours);
  const ratio = feed.data.value?.available_ratio ?? null;
  return (
    <Panel feed={feed} title={t("history.title")} skeleton={2} aside={<span class="caption">{t("history.available")} <b>{orNone(ratio, availability)}</b></span>}>
      {(strip) => <div class="body"><TickStrip strip={strip} label={t("history.title")} /><StripDays strip={strip} /></div>}
    </Panel>
  );
}

const rate = (port: Interface): number => Math.max(port.in_bps ?? -1, port.out_bps ?? -1);

function busiest(ports: Interface[]): Interface | undefined {
  const usable = ports.filter((port) => port.in_series && port.out_series);
  const real = usable.filter((port) => port.type !== kLoopback);
  return (real.length ? real : usable).reduce<Interface | undefined>((best, port) => (!best || rate(port) > rate(best) ? port : best), undefined);
}

/** The interface that the address names, else the one that was busiest when the page was opened. */
function useChosenPort(ports: Interface[]): Interface | undefined {
  const first = useRef<number | undefined>(undefined);
  const asked = Number(route.value.query.get("if") ?? NaN);
  first.current ??= busiest(ports)?.if_index;
  return ports.find((port) => port.if_index === asked && port.in_series) ?? ports.find((port) => port.if_index === first.current);
}

function PortSelect({ ports, chosen }: { ports: Interface[]; chosen: Interface }): JSX.Element {
  const usable = ports.filter((port) => port.in_series && port.out_series);
  return (
    <label class="select"><span class="vh">{t("col.interface")}</span>
      <select class="input" value={String(chosen.if_index)} onChange={(event) => setQuery({ if: event.currentTarget.value })}>
        {usable.map((port) => <option key={port.if_index} value={String(port.if_index)}>{untrusted(port.name, 40)}</option>)}
      </select>
    </label>
  );
}

const kMarkLevels: Record<EventKind, ChartMark["level"]> = {
  device_down: "crit", device_up: "ok", device_restarted: "notice", interface_down: "major", interface_up: "ok",
};

/** What happened to the device and to this interface of it. */
function marksOf(events: StateEvent[], port: string): ChartMark[] {
  return events.filter((event) => event.time && (!event.component || event.component === port))
    .map((event) => ({ time: Date.parse(event.time!) / 1000, level: kMarkLevels[event.kind], text: t(`mark.${event.kind}`) }));
}

function Traffic({ device, ports }: { device: DeviceDetail; ports: Interface[] }): JSX.Element | null {
  const events = useEvents(device, 100).data.value?.items ?? [];
  const port = useChosenPort(ports);
  if (!port?.in_series || !port.out_series) return null;
  const name = untrusted(port.name, 40);
  const lines = [{ series: port.in_series, label: t("col.in") }, { series: port.out_series, label: t("col.out") }];
  return (
    <RangeChart key={port.if_index} title={t("traffic.title", { name })} label={t("traffic.title", { name })} lines={lines} quantity="bits" fromZero
      control={<PortSelect ports={ports} chosen={port} />} marks={marksOf(events, port.name)} />
  );
}

export function SensorChart({ sensor }: { sensor: Sensor }): JSX.Element | null {
  if (!sensor.series) return null;
  const name = untrusted(sensor.name, 60);
  return <RangeChart key={sensor.series} title={name} label={name} lines={[{ series: sensor.series, label: name }]} quantity={sensor.unit} />;
}

/** The first thing worth drawing: traffic, or a sensor where a device has no interfaces. */
function MainChart({ device }: { device: DeviceDetail }): JSX.Element | null {
  const ports = useInterfaces(device).data.value?.items;
  const sensors = useSensors(device).data.value?.items;
  if (ports && busiest(ports)) return <Traffic device={device} ports={ports} />;
  const sensor = sensors?.find((one) => one.series && one.value !== null);
  return ports && sensor ? <SensorChart sensor={sensor} /> : null;
}

function PortsPanel({ device, lost }: { device: DeviceDetail; lost: Set<string> }): JSX.Element | null {
  const feed = useInterfaces(device);
  const ports = feed.data.value?.items.filter(isPhysical) ?? [];
  if (feed.data.value && ports.length < 2) return null;
  return (
    <Panel feed={feed} {...freshness(device)} title={t("ports.title")} skeleton={2} aside={<span class="caption">{portSummary(ports, lost)}</span>}>
      {() => <div class="body"><Ports device={device.id} ports={ports} lost={lost} /></div>}
    </Panel>
  );
}

function Noteworthy({ device, lost }: { device: DeviceDetail; lost: Set<string> }): JSX.Element {
  const feed = useInterfaces(device);
  const order = ["lost", "errors", "busy", "unknown", "up", "down", "disabled"];
  const sorted = (ports: Interface[]): Interface[] =>
    [...ports].sort((a, b) => order.indexOf(portState(a, lost)) - order.indexOf(portState(b, lost)) || rate(b) - rate(a)).slice(0, kShortList);
  const total = feed.data.value?.total ?? 0;
  return (
    <Panel feed={feed} {...freshness(device)} title={t("noteworthy.title")} aside={<a class="small" href={devicePath(device.id, "interfaces")}>{t("noteworthy.all", { n: number(total) })}</a>}
      empty={(page) => (page.items.length ? null : { icon: "devices", title: t("interfaces.none"), hint: t("interfaces.none_hint") })}>
      {(page) => (
        <div class="scroller" tabIndex={0} role="group" aria-label={t("noteworthy.title")}>
          <table>
            <thead><tr><th>{t("col.interface")}</th><th class="hide-s">{t("col.state")}</th><th class="n">{t("col.in")}</th><th class="n">{t("col.out")}</th><th class="n hide-s">{t("col.use")}</th></tr></thead>
            <tbody>{sorted(page.items).map((port) => (
              <tr key={port.if_index}>
                <PortCell device={device.id} port={port} state={portState(port, lost)} />
                <td class="hide-s"><PortStateText state={portState(port, lost)} /></td><td class="n">{linkRate(port, port.in_bps)}</td><td class="n">{linkRate(port, port.out_bps)}</td>
                <td class="n hide-s">{useRatio(port) === null ? t("dash") : percent(useRatio(port)!)}</td>
              </tr>))}</tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Happened({ device }: { device: DeviceDetail }): JSX.Element {
  const feed = useEvents(device, 100);
  return (
    <Panel feed={feed} first title={t("events.title")} aside={<a class="small" href={devicePath(device.id, "events")}>{t("events.all")}</a>}
      empty={(page) => (page.items.length ? null : { icon: "clock", title: t("events.none"), hint: t("events.none_hint") })}>
      {(page) => <div class="body"><EventLine events={page.items.slice(0, kShortList)} /></div>}
    </Panel>
  );
}

function Polling({ device }: { device: DeviceDetail }): JSX.Element | null {
  const poll = device.poll;
  if (!poll) return null;
  const rows: [Key, string][] = [
    ["poll.protocol", poll.authenticated ? poll.protocol : t("poll.unauthenticated", { protocol: poll.protocol })],
    ["poll.interval", duration(poll.interval_s)],
    ["poll.last", momentOrNone(poll.last)],
    ["poll.next", momentOrNone(poll.next)],
    ["poll.rtt", orNone(poll.rtt_ms, (ms) => `${short(ms)} ms`)],
    ["poll.duration", orNone(poll.duration_ms, (ms) => `${short(ms)} ms`)],
    ["poll.requests", orNone(poll.requests, number)],
    ["poll.values", orNone(poll.values, number)],
    ["poll.timeouts", orNone(poll.timeouts, number)],
    ["poll.origin", t(`trust.origin.${device.origin ?? "local"}`)],
  ];
  return (
    <PanelFrame title={t("poll.title")}>
      <div class="body">
        {(poll.error || device.reason) && <div class="note major"><div><b>{t("poll.error")}</b> {explain(device)}</div></div>}
        <dl class="pairs">{rows.map(([key, value]) => <div key={key}><dt>{t(key)}</dt><dd>{value}</dd></div>)}</dl>
      </div>
    </PanelFrame>
  );
}

/** The error in plain words where the code is known, else the text as the station gave it. */
function explain(device: DeviceDetail): string {
  const known = ["timeout", "refused", "auth", "malformed", "unreachable", "no_store", "not_polled"] as const;
  const code = known.find((name) => name === device.reason);
  return code ? t(`explain.${code}`) : untrusted(device.poll?.error);
}

function SensorsShort({ device }: { device: DeviceDetail }): JSX.Element | null {
  const feed = useSensors(device);
  if (feed.data.value?.items.length === 0) return null;
  return (
    <Panel feed={feed} {...freshness(device)} title={t("sensors.title")} aside={<a class="small" href={devicePath(device.id, "sensors")}>{t("sensors.all")}</a>}>
      {(page) => (
        <table><tbody>{page.items.slice(0, kShortList).map((sensor) => (
          <tr key={sensor.name}><td><SensorStateText sensor={sensor} /></td><td>{untrusted(sensor.name, 60)}</td><td class="n">{orNone(sensor.value, (value) => sensorValue(value, sensor.unit))}</td></tr>
        ))}</tbody></table>
      )}
    </Panel>
  );
}

function ResourcesShort({ device }: { device: DeviceDetail }): JSX.Element | null {
  const feed = useResources(device);
  const data = feed.data.value;
  if (data && data.processors.length + data.storage.length === 0) return null;
  return (
    <Panel feed={feed} {...freshness(device)} title={t("tab.resources")} aside={<a class="small" href={devicePath(device.id, "resources")}>{t("resources.all")}</a>}>
      {({ processors, storage }) => {
        const loads = processors.map((one) => one.load_ratio).filter((load): load is number => load !== null);
        const mean = loads.length ? loads.reduce((sum, load) => sum + load, 0) / loads.length : null;
        return (
          <div class="body">
            {processors.length > 0 && <Meter stacked label={t("resources.cpus", { n: processors.length })} ratio={mean} text={orNone(mean, percent)} />}
            {storage.slice(0, 5).map((area) => <Meter stacked key={area.name} label={untrusted(area.name, 60)} ratio={area.used_ratio} text={storageText(area)} />)}
          </div>
        );
      }}
    </Panel>
  );
}

function Itself({ device }: { device: DeviceDetail }): JSX.Element | null {
  const said = device.attributes;
  if (!said) return null;
  const keys = ["sys_descr", "sys_name", "sys_location", "sys_contact", "sys_object_id"] as const;
  const rows = keys.filter((key) => said[key]);
  if (!rows.length) return null;
  return (
    <PanelFrame title={t("itself.title")}>
      <div class="body"><dl class="pairs left">{rows.map((key) => <div key={key}><dt>{t(`itself.${key}`)}</dt><dd class={key === "sys_object_id" ? "mono" : ""}>{untrusted(said[key], 400)}</dd></div>)}</dl></div>
    </PanelFrame>
  );
}

export function DeviceSummary({ device }: { device: DeviceDetail }): JSX.Element {
  const lost = lostInterfaces(useEvents(device, 100).data.value?.items);
  return (
    <>
      <Reachability device={device} />
      <div class="columns">
        <div class="stack"><MainChart device={device} /><PortsPanel device={device} lost={lost} /><Noteworthy device={device} lost={lost} /></div>
        <div class="stack"><Happened device={device} /><SensorsShort device={device} /><ResourcesShort device={device} /><Polling device={device} /><Itself device={device} /></div>
      </div>
    </>
  );
}
