// SPDX-License-Identifier: GPL-3.0-or-later
// The main chart of a device: traffic of one interface with what happened to it, or a sensor where there is none.

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { DeviceDetail, EventKind, Interface, Sensor, StateEvent } from "../api/types";
import { untrusted } from "../format";
import { t } from "../i18n";
import { route, setQuery } from "../router";
import { RangeChart } from "../widgets/chart";
import type { ChartMark } from "../widgets/plot";
import { kLoopback } from "../widgets/state";
import { useEvents, useInterfaces, useSensors } from "./device_data";

export const rate = (port: Interface): number => Math.max(port.in_bps ?? -1, port.out_bps ?? -1);

function busiest(ports: Interface[]): Interface | undefined {
  const usable = ports.filter((port) => port.in_series && port.out_series);
  const real = usable.filter((port) => port.type !== kLoopback);
  return (real.length ? real : usable).reduce<Interface | undefined>(
    (best, port) => (!best || rate(port) > rate(best) ? port : best),
    undefined,
  );
}

/** The interface that the address names, else the one that was busiest when the page was opened. */
function useChosenPort(ports: Interface[]): Interface | undefined {
  const first = useRef<number | undefined>(undefined);
  const asked = Number(route.value.query.get("if") ?? NaN);
  first.current ??= busiest(ports)?.if_index;
  return (
    ports.find((port) => port.if_index === asked && port.in_series) ??
    ports.find((port) => port.if_index === first.current)
  );
}

function PortSelect({ ports, chosen }: { ports: Interface[]; chosen: Interface }): JSX.Element {
  const usable = ports.filter((port) => port.in_series && port.out_series);
  return (
    <label class="select">
      <span class="vh">{t("col.interface")}</span>
      <select
        class="input"
        value={String(chosen.if_index)}
        onChange={(event) => setQuery({ if: event.currentTarget.value })}
      >
        {usable.map((port) => (
          <option key={port.if_index} value={String(port.if_index)}>
            {untrusted(port.name, 40)}
          </option>
        ))}
      </select>
    </label>
  );
}

const kMarkLevels: Record<EventKind, ChartMark["level"]> = {
  device_down: "crit",
  device_up: "ok",
  device_restarted: "notice",
  interface_down: "major",
  interface_up: "ok",
  changing_too_often: "notice",
  too_many_series: "notice",
  under_strain: "notice",
  strain_over: "ok",
  engine_changed: "notice",
  engine_alternates: "notice",
  engine_clock_back: "notice",
  engine_shared: "notice",
  engine_settled: "ok",
  component_changed: "notice",
  component_replaced: "notice",
  discovery_new: "notice",
  discovery_changed: "notice",
  discovery_vanished: "major",
};

/** What happened to the device and to this interface of it. */
function marksOf(events: StateEvent[], port: string): ChartMark[] {
  return events
    .filter((event) => event.time && (!event.component || event.component === port))
    .map((event) => ({
      time: Date.parse(event.time!) / 1000,
      level: kMarkLevels[event.kind],
      text: t(`mark.${event.kind}`),
    }));
}

function Traffic({ device, ports }: { device: DeviceDetail; ports: Interface[] }): JSX.Element | null {
  const events = useEvents(device, 100).data.value?.items ?? [];
  const port = useChosenPort(ports);
  if (!port?.in_series || !port.out_series) return null;
  const name = untrusted(port.name, 40);
  const lines = [
    { series: port.in_series, label: t("col.in") },
    { series: port.out_series, label: t("col.out") },
  ];
  return (
    <RangeChart
      key={port.if_index}
      title={t("traffic.title", { name })}
      label={t("traffic.title", { name })}
      lines={lines}
      quantity="bits"
      fromZero
      control={<PortSelect ports={ports} chosen={port} />}
      marks={marksOf(events, port.name)}
    />
  );
}

export function SensorChart({ sensor }: { sensor: Sensor }): JSX.Element | null {
  if (!sensor.series) return null;
  const name = untrusted(sensor.name, 60);
  return (
    <RangeChart
      key={sensor.series}
      title={name}
      label={name}
      lines={[{ series: sensor.series, label: name }]}
      quantity={sensor.unit}
    />
  );
}

/** The first thing worth drawing: traffic, or a sensor where a device has no interfaces. */
export function MainChart({ device }: { device: DeviceDetail }): JSX.Element | null {
  const ports = useInterfaces(device).data.value?.items;
  const sensors = useSensors(device).data.value?.items;
  if (ports && busiest(ports)) return <Traffic device={device} ports={ports} />;
  const sensor = sensors?.find((one) => one.series && one.value !== null);
  return ports && sensor ? <SensorChart sensor={sensor} /> : null;
}
