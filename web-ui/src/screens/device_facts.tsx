// SPDX-License-Identifier: GPL-3.0-or-later
// The side of a device's summary: how it is polled, its sensors and resources, and what it says of itself.

import type { JSX } from "preact";
import type { DeviceDetail } from "../api/types";
import { duration, momentOrNone, number, orNone, percent, sensorValue, short, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { devicePath } from "../router";
import { Meter } from "../widgets/meter";
import { Panel, PanelFrame } from "../widgets/panel";
import { SensorStateText } from "../widgets/state";
import { freshness, kShortList, useResources, useSensors } from "./device_data";
import { storageText } from "./device_tabs";

export function Polling({ device }: { device: DeviceDetail }): JSX.Element | null {
  const poll = device.poll;
  if (!poll) return null;
  const rows: [Key, string][] = [
    ["poll.protocol", poll.authenticated ? poll.protocol : t("poll.unauthenticated", { protocol: poll.protocol })],
    [
      "poll.interval",
      poll.interval_s > poll.configured_s
        ? t("poll.instead", { now: duration(poll.interval_s), configured: duration(poll.configured_s) })
        : duration(poll.interval_s),
    ],
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
    <PanelFrame
      title={t("poll.title")}
      aside={
        <a class="small" href={devicePath(device.id, "polling")}>
          {t("polling.why")}
        </a>
      }
    >
      <div class="body">
        {(poll.error || device.reason) && (
          <div class="note major">
            <div>
              <b>{t("poll.error")}</b> {explain(device)}
            </div>
          </div>
        )}
        <dl class="pairs">
          {rows.map(([key, value]) => (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </PanelFrame>
  );
}

/** The error in plain words where the code is known, else the text as the station gave it. */
function explain(device: DeviceDetail): string {
  const known = ["timeout", "refused", "auth", "clock", "malformed", "unreachable", "no_store", "not_polled"] as const;
  const code = known.find((name) => name === device.reason);
  return code ? t(`explain.${code}`) : untrusted(device.poll?.error);
}

export function SensorsShort({ device }: { device: DeviceDetail }): JSX.Element | null {
  const feed = useSensors(device);
  if (feed.data.value?.items.length === 0) return null;
  return (
    <Panel
      feed={feed}
      {...freshness(device)}
      title={t("sensors.title")}
      aside={
        <a class="small" href={devicePath(device.id, "sensors")}>
          {t("sensors.all")}
        </a>
      }
    >
      {(page) => (
        <table>
          <tbody>
            {page.items.slice(0, kShortList).map((sensor) => (
              <tr key={sensor.name}>
                <td>
                  <SensorStateText sensor={sensor} />
                </td>
                <td>{untrusted(sensor.name, 60)}</td>
                <td class="n">{orNone(sensor.value, (value) => sensorValue(value, sensor.unit))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

export function ResourcesShort({ device }: { device: DeviceDetail }): JSX.Element | null {
  const feed = useResources(device);
  const data = feed.data.value;
  if (data && data.processors.length + data.storage.length === 0) return null;
  return (
    <Panel
      feed={feed}
      {...freshness(device)}
      title={t("tab.resources")}
      aside={
        <a class="small" href={devicePath(device.id, "resources")}>
          {t("resources.all")}
        </a>
      }
    >
      {({ processors, storage }) => {
        const loads = processors.map((one) => one.load_ratio).filter((load): load is number => load !== null);
        const mean = loads.length ? loads.reduce((sum, load) => sum + load, 0) / loads.length : null;
        return (
          <div class="body">
            {processors.length > 0 && (
              <Meter
                stacked
                label={t("resources.cpus", { n: processors.length })}
                ratio={mean}
                text={orNone(mean, percent)}
              />
            )}
            {storage.slice(0, 5).map((area) => (
              <Meter
                stacked
                key={area.name}
                label={untrusted(area.name, 60)}
                ratio={area.used_ratio}
                neutral={area.kind === "other"}
                text={storageText(area)}
              />
            ))}
          </div>
        );
      }}
    </Panel>
  );
}

export function Itself({ device }: { device: DeviceDetail }): JSX.Element | null {
  const said = device.attributes;
  if (!said) return null;
  const keys = ["sys_descr", "sys_name", "sys_location", "sys_contact", "sys_object_id"] as const;
  const rows = keys.filter((key) => said[key]);
  if (!rows.length) return null;
  return (
    <PanelFrame title={t("itself.title")}>
      <div class="body">
        <dl class="pairs left">
          {rows.map((key) => (
            <div key={key}>
              <dt>{t(`itself.${key}`)}</dt>
              <dd class={key === "sys_object_id" ? "mono" : ""}>{untrusted(said[key], 400)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </PanelFrame>
  );
}
