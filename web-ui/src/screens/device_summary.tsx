// SPDX-License-Identifier: GPL-3.0-or-later
// The summary of a device: reachability, traffic, ports, what happened, and how it is polled.

import type { JSX } from "preact";
import type { DeviceDetail, Interface, Strip } from "../api/types";
import { availability, clockTime, coverage, date, number, orNone, percent } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { EventLine } from "../widgets/events";
import { Panel } from "../widgets/panel";
import { isPhysical, Ports, portSummary } from "../widgets/ports";
import { linkRate, PortCell, portState, PortStateText, useRatio } from "../widgets/state";
import { TickStrip } from "../widgets/strip";
import { freshness, kShortList, lostInterfaces, useEvents, useHistory, useInterfaces } from "./device_data";
import { Itself, Polling, ResourcesShort, SensorsShort } from "./device_facts";
import { Parts } from "./device_parts";
import { MainChart, rate } from "./device_traffic";

const kHours = 168;

function StripDays({ strip }: { strip: Strip }): JSX.Element {
  const span = strip.step_s * strip.ticks.length;
  const days = Array.from({ length: 7 }, (_, index) => strip.from + (span * index) / 7);
  return (
    <div class="axis" aria-hidden="true">
      {days.map((at) => (
        <span key={at}>
          {date(at * 1000)}
          <span class="hide-s"> {clockTime(at * 1000, false)}</span>
        </span>
      ))}
      <span>{t("now")}</span>
    </div>
  );
}

function Reachability({ device }: { device: DeviceDetail }): JSX.Element {
  const feed = useHistory(device, kHours, kHours);
  const ratio = feed.data.value?.available_ratio ?? null;
  const measured = feed.data.value?.measured_ratio ?? null;
  return (
    <Panel
      feed={feed}
      title={t("history.title")}
      skeleton={2}
      aside={
        <span class="caption">
          {t("history.available")} <b>{orNone(ratio, availability)}</b>
          {measured !== null && (
            <>
              {t("comma")}
              {t("history.measured", { share: coverage(measured) })}
            </>
          )}
        </span>
      }
    >
      {(strip) => (
        <div class="body">
          <TickStrip strip={strip} label={t("history.title")} />
          <StripDays strip={strip} />
        </div>
      )}
    </Panel>
  );
}

function PortsPanel({ device, lost }: { device: DeviceDetail; lost: Set<string> }): JSX.Element | null {
  const feed = useInterfaces(device);
  const ports = feed.data.value?.items.filter(isPhysical) ?? [];
  if (feed.data.value && ports.length < 2) return null;
  return (
    <Panel
      feed={feed}
      {...freshness(device)}
      title={t("ports.title")}
      skeleton={2}
      aside={<span class="caption">{portSummary(ports, lost)}</span>}
    >
      {() => (
        <div class="body">
          <Ports device={device.id} ports={ports} lost={lost} />
        </div>
      )}
    </Panel>
  );
}

function Noteworthy({ device, lost }: { device: DeviceDetail; lost: Set<string> }): JSX.Element {
  const feed = useInterfaces(device);
  const order = ["lost", "errors", "busy", "unknown", "up", "down", "disabled"];
  const sorted = (ports: Interface[]): Interface[] =>
    [...ports]
      .sort((a, b) => order.indexOf(portState(a, lost)) - order.indexOf(portState(b, lost)) || rate(b) - rate(a))
      .slice(0, kShortList);
  const total = feed.data.value?.total ?? 0;
  return (
    <Panel
      feed={feed}
      {...freshness(device)}
      title={t("noteworthy.title")}
      aside={
        <a class="small" href={devicePath(device.id, "interfaces")}>
          {t("noteworthy.all", { n: number(total) })}
        </a>
      }
      empty={(page) =>
        page.items.length ? null : { icon: "devices", title: t("interfaces.none"), hint: t("interfaces.none_hint") }
      }
    >
      {(page) => (
        <div class="scroller" tabIndex={0} role="group" aria-label={t("noteworthy.title")}>
          <table>
            <thead>
              <tr>
                <th>{t("col.interface")}</th>
                <th class="hide-s">{t("col.state")}</th>
                <th class="n">{t("col.in")}</th>
                <th class="n">{t("col.out")}</th>
                <th class="n hide-s">{t("col.use")}</th>
              </tr>
            </thead>
            <tbody>
              {sorted(page.items).map((port) => (
                <tr key={port.if_index}>
                  <PortCell device={device.id} port={port} state={portState(port, lost)} />
                  <td class="hide-s">
                    <PortStateText state={portState(port, lost)} />
                  </td>
                  <td class="n">{linkRate(port, port.in_bps)}</td>
                  <td class="n">{linkRate(port, port.out_bps)}</td>
                  <td class="n hide-s">{useRatio(port) === null ? t("dash") : percent(useRatio(port)!)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Happened({ device }: { device: DeviceDetail }): JSX.Element {
  const feed = useEvents(device, 100);
  return (
    <Panel
      feed={feed}
      first
      title={t("events.title")}
      aside={
        <a class="small" href={devicePath(device.id, "events")}>
          {t("events.all")}
        </a>
      }
      empty={(page) =>
        page.items.length ? null : { icon: "clock", title: t("events.none"), hint: t("events.none_hint") }
      }
    >
      {(page) => (
        <div class="body">
          <EventLine events={page.items.slice(0, kShortList)} />
        </div>
      )}
    </Panel>
  );
}

export function DeviceSummary({ device }: { device: DeviceDetail }): JSX.Element {
  const lost = lostInterfaces(useEvents(device, 100).data.value?.items);
  return (
    <>
      <Reachability device={device} />
      <div class="columns">
        <div class="stack">
          <MainChart device={device} />
          <PortsPanel device={device} lost={lost} />
          <Noteworthy device={device} lost={lost} />
          <Parts device={device} />
        </div>
        <div class="stack">
          <Happened device={device} />
          <SensorsShort device={device} />
          <ResourcesShort device={device} />
          <Polling device={device} />
          <Itself device={device} />
        </div>
      </div>
    </>
  );
}
