// SPDX-License-Identifier: GPL-3.0-or-later
// A state as people read it: mark, then word, then colour.

import type { JSX } from "preact";
import type { DeviceState, EventKind, Interface, Sensor, Severity } from "../api/types";
import { bits, orNone, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { devicePath } from "../router";
import { type Mark, StateMark } from "./icons";

export const deviceMark: Record<DeviceState, Mark> = { up: "ok", down: "crit", unknown: "unknown" };

export function State({ mark, children }: { mark: Mark; children: string }): JSX.Element {
  return (
    <span class={`state is-${mark}`}>
      <StateMark mark={mark} />
      {children}
    </span>
  );
}

export function DeviceStateText({ state }: { state: DeviceState }): JSX.Element {
  return <State mark={deviceMark[state]}>{t(`state.${state}`)}</State>;
}

export type PortState = "up" | "errors" | "busy" | "lost" | "down" | "disabled" | "unknown";

const kBusyRatio = 0.8;
/** softwareLoopback of IANAifType-MIB. */
export const kLoopback = 24;

export function useRatio(port: Interface): number | null {
  if (
    port.oper !== "up" ||
    !port.speed_bps ||
    port.type === kLoopback ||
    (port.in_bps === null && port.out_bps === null)
  )
    return null;
  return Math.max(port.in_bps ?? 0, port.out_bps ?? 0) / port.speed_bps;
}

/** `lost` names the interfaces that went down in the last day: those matter, an empty socket does not. */
export function portState(port: Interface, lost: ReadonlySet<string>): PortState {
  if (port.admin === "down") return "disabled";
  if (port.oper === null || port.oper === "unknown") return "unknown";
  if (port.oper !== "up") return lost.has(port.name) ? "lost" : "down";
  if ((port.in_errors_per_s ?? 0) + (port.out_errors_per_s ?? 0) > 0) return "errors";
  return (useRatio(port) ?? 0) >= kBusyRatio ? "busy" : "up";
}

/** Without a link there is no rate to show, though its counters stand still at zero. */
export const linkRate = (port: Interface, rate: number | null): string =>
  port.oper === "up" ? orNone(rate, bits) : t("dash");

const kPortMarks: Record<PortState, Mark> = {
  up: "ok",
  errors: "minor",
  busy: "notice",
  lost: "crit",
  down: "idle",
  disabled: "idle",
  unknown: "unknown",
};

export function PortStateText({ state }: { state: PortState }): JSX.Element {
  return <State mark={kPortMarks[state]}>{t(`port.${state}`)}</State>;
}

/** Name, alias and, on a phone, state: the link opens the chart of the interface. */
export function PortCell({ device, port, state }: { device: string; port: Interface; state: PortState }): JSX.Element {
  return (
    <td>
      <a class="mono" data-row href={devicePath(device, "summary", `if=${port.if_index}`)}>
        {untrusted(port.name, 60)}
      </a>
      {port.alias && <span class="muted small alias">{untrusted(port.alias, 80)}</span>}
      <span class="show-s small">
        <PortStateText state={state} />
      </span>
    </td>
  );
}

export function SensorStateText({ sensor }: { sensor: Sensor }): JSX.Element {
  const status = sensor.status ?? "unknown";
  const marks = { ok: "ok", unavailable: "unknown", nonoperational: "crit", unknown: "unknown" } as const;
  return <State mark={marks[status]}>{t(`sensor.${status}`)}</State>;
}

export const severityMark: Record<Severity, Mark> = {
  critical: "crit",
  major: "major",
  minor: "minor",
  warning: "notice",
};

export const eventMark: Record<EventKind, Mark> = {
  device_up: "ok",
  device_down: "crit",
  device_restarted: "notice",
  interface_up: "ok",
  interface_down: "major",
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

const kReasons = [
  "timeout",
  "refused",
  "auth",
  "clock",
  "malformed",
  "unreachable",
  "no_store",
  "not_polled",
  "device",
  "address",
  "serial",
  "model",
  "version",
  "name",
] as const;

export const reasonText = (reason: string | null | undefined): string => {
  const code = kReasons.find((name) => name === reason);
  return code ? t(`reason.${code}` satisfies Key) : (reason ?? "");
};
