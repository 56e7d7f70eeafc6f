// SPDX-License-Identifier: GPL-3.0-or-later
// The other tabs of a device: interfaces, sensors, resources, events.

import type { JSX } from "preact";
import { usePaged } from "../api/paged";
import type { DeviceDetail, Interface, Sensor, SensorKind, StateEvent, StorageArea } from "../api/types";
import { bitScale, bytes, compare, number, orNone, percent, sensorValue, short, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { devicePath, route, setQuery } from "../router";
import { RangeChart } from "../widgets/chart";
import { EventLine } from "../widgets/events";
import { Icon } from "../widgets/icons";
import { Bar } from "../widgets/meter";
import { Panel } from "../widgets/panel";
import { linkRate, PortCell, portState, PortStateText, SensorStateText, useRatio } from "../widgets/state";
import { DamagedNote, More } from "../widgets/paged";
import { freshness, lostInterfaces, useEvents, useInterfaces, useResources, useSensors } from "./device_data";
import { SensorChart } from "./device_traffic";
import { GapLedger } from "./gap_ledger";

interface TabProps {
  device: DeviceDetail;
}

const errors = (port: Interface): number | null =>
  port.in_errors_per_s === null && port.out_errors_per_s === null
    ? null
    : (port.in_errors_per_s ?? 0) + (port.out_errors_per_s ?? 0);

type Sorter = (a: Interface, b: Interface) => number;
const most =
  (pick: (port: Interface) => number | null): Sorter =>
  (a, b) =>
    (pick(b) ?? -1) - (pick(a) ?? -1);
const kSorters: Record<string, Sorter> = {
  index: (a, b) => a.if_index - b.if_index,
  name: (a, b) => compare(a.name, b.name),
  in: most((port) => port.in_bps),
  out: most((port) => port.out_bps),
  use: most(useRatio),
  errors: most(errors),
};

function SortHead({ name, label, n, hide }: { name: string; label: Key; n?: boolean; hide?: string }): JSX.Element {
  const active = (route.value.query.get("sort") ?? "index") === name;
  return (
    <th
      class={`${n ? "n" : ""} ${hide ?? ""}`}
      {...(active && { "aria-sort": name === "name" ? ("ascending" as const) : ("descending" as const) })}
    >
      <button type="button" onClick={() => setQuery({ sort: active ? "" : name })}>
        {t(label)}
        {active && <Icon name={name === "name" ? "up" : "down"} size={12} />}
      </button>
    </th>
  );
}

const speed = (value: number): string => `${number(value / bitScale(value).factor, 1)} ${bitScale(value).unit}`;

export function DeviceInterfaces({ device }: TabProps): JSX.Element {
  const feed = useInterfaces(device);
  const lost = lostInterfaces(useEvents(device, 100).data.value?.items);
  const sorter = kSorters[route.value.query.get("sort") ?? "index"] ?? kSorters["index"]!;
  return (
    <Panel
      feed={feed}
      {...freshness(device)}
      title={t("tab.interfaces")}
      skeleton={8}
      footer={
        feed.data.value?.next && (
          <span>{t("interfaces.first", { n: feed.data.value.items.length, total: feed.data.value.total })}</span>
        )
      }
      empty={(page) =>
        page.items.length ? null : { icon: "devices", title: t("interfaces.none"), hint: t("interfaces.none_hint") }
      }
    >
      {(page) => (
        <div class="scroller" tabIndex={0} role="group" aria-label={t("tab.interfaces")}>
          <table>
            <thead>
              <tr>
                <SortHead name="name" label="col.interface" />
                <th class="hide-s">{t("col.state")}</th>
                <SortHead name="in" label="col.in" n />
                <SortHead name="out" label="col.out" n />
                <SortHead name="use" label="col.use" hide="hide-s" />
                <SortHead name="errors" label="col.errors" n hide="hide-s" />
                <th class="n hide-s">{t("col.speed")}</th>
                <th class="hide-m">MAC</th>
              </tr>
            </thead>
            <tbody>
              {[...page.items].sort(sorter).map((port) => (
                <tr key={port.if_index}>
                  <PortCell device={device.id} port={port} state={portState(port, lost)} />
                  <td class="hide-s">
                    <PortStateText state={portState(port, lost)} />
                  </td>
                  <td class="n">{linkRate(port, port.in_bps)}</td>
                  <td class="n">{linkRate(port, port.out_bps)}</td>
                  <td class="hide-s">
                    {useRatio(port) === null ? (
                      <span class="muted">{t("dash")}</span>
                    ) : (
                      <div class="use">
                        <Bar ratio={useRatio(port)} />
                        <span>{percent(useRatio(port)!)}</span>
                      </div>
                    )}
                  </td>
                  <td class="n hide-s">{orNone(errors(port), (value) => t("per_second", { n: short(value) }))}</td>
                  <td class="n hide-s">{port.speed_bps ? speed(port.speed_bps) : t("dash")}</td>
                  <td class="mono hide-m">{untrusted(port.mac) || t("dash")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const kKinds: SensorKind[] = [
  "temperature",
  "humidity",
  "power",
  "voltage",
  "current",
  "frequency",
  "fan",
  "airflow",
  "charge",
  "load",
  "runtime",
  "state",
  "other",
];
const byKind = (a: Sensor, b: Sensor): number =>
  kKinds.indexOf(a.kind) - kKinds.indexOf(b.kind) || compare(a.name, b.name);

export function DeviceSensors({ device }: TabProps): JSX.Element {
  const feed = useSensors(device);
  const items = [...(feed.data.value?.items ?? [])].sort(byKind);
  const asked = route.value.query.get("series");
  const chosen =
    items.find((sensor) => sensor.series && sensor.series === asked) ?? items.find((sensor) => sensor.series);
  return (
    <>
      {chosen && <SensorChart sensor={chosen} />}
      <Panel
        feed={feed}
        {...freshness(device)}
        title={t("tab.sensors")}
        skeleton={6}
        empty={(page) =>
          page.items.length ? null : { icon: "temperature", title: t("sensors.none"), hint: t("sensors.none_hint") }
        }
      >
        {() => (
          <div class="scroller" tabIndex={0} role="group" aria-label={t("tab.sensors")}>
            <table>
              <thead>
                <tr>
                  <th>{t("col.name")}</th>
                  <th class="hide-s">{t("col.kind")}</th>
                  <th>{t("col.state")}</th>
                  <th class="n">{t("col.value")}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((sensor) => (
                  <tr key={sensor.name} class={sensor === chosen ? "is-chosen" : ""}>
                    <td>
                      {sensor.series ? (
                        <a data-row href={devicePath(device.id, "sensors", `series=${sensor.series}`)}>
                          {untrusted(sensor.name, 80)}
                        </a>
                      ) : (
                        untrusted(sensor.name, 80)
                      )}
                    </td>
                    <td class="soft hide-s">{t(`kind.${sensor.kind}`)}</td>
                    <td>
                      <SensorStateText sensor={sensor} />
                    </td>
                    <td class="n strong">{orNone(sensor.value, (value) => sensorValue(value, sensor.unit))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </>
  );
}

export function storageText(area: StorageArea): string {
  if (area.used_bytes === null || area.size_bytes === null) return orNone(area.used_ratio, percent);
  return `${bytes(area.used_bytes)} / ${bytes(area.size_bytes)}`;
}

export function DeviceResources({ device }: TabProps): JSX.Element {
  const feed = useResources(device);
  const data = feed.data.value;
  const all = [
    ...(data?.processors ?? []).map((one) => ({
      series: one.series,
      name: untrusted(one.name, 60),
      quantity: "ratio" as const,
    })),
    ...(data?.storage ?? []).map((one) => ({
      series: one.series,
      name: untrusted(one.name, 60),
      quantity: "bytes" as const,
    })),
  ].filter((one) => one.series);
  const chosen = all.find((one) => one.series === route.value.query.get("series")) ?? all[0];
  const link = (series: string | null, name: string): JSX.Element =>
    series ? (
      <a data-row href={devicePath(device.id, "resources", `series=${series}`)}>
        {untrusted(name, 60)}
      </a>
    ) : (
      <span>{untrusted(name, 60)}</span>
    );
  return (
    <>
      {chosen && (
        <RangeChart
          key={chosen.series}
          title={chosen.name}
          label={chosen.name}
          lines={[{ series: chosen.series!, label: chosen.name }]}
          quantity={chosen.quantity}
          fromZero
        />
      )}
      <Panel
        feed={feed}
        {...freshness(device)}
        title={t("tab.resources")}
        skeleton={6}
        empty={({ processors, storage }) =>
          processors.length + storage.length
            ? null
            : { icon: "disk", title: t("resources.none"), hint: t("resources.none_hint") }
        }
      >
        {({ processors, storage }) => (
          <div class="scroller" tabIndex={0} role="group" aria-label={t("tab.resources")}>
            <table>
              <thead>
                <tr>
                  <th>{t("col.name")}</th>
                  <th>{t("col.kind")}</th>
                  <th class="wide">{t("col.use")}</th>
                  <th class="n hide-s">{t("col.used")}</th>
                </tr>
              </thead>
              <tbody>
                {processors.map((one) => (
                  <tr key={one.name}>
                    <td>{link(one.series, one.name)}</td>
                    <td class="soft">{t("kind.processor")}</td>
                    <td>
                      <div class="use">
                        <Bar ratio={one.load_ratio} />
                        <span>{orNone(one.load_ratio, percent)}</span>
                      </div>
                    </td>
                    <td class="n hide-s">{t("dash")}</td>
                  </tr>
                ))}
                {storage.map((area) => (
                  <tr key={area.name}>
                    <td>{link(area.series, area.name)}</td>
                    <td class="soft">{t(`storage.${area.kind}`)}</td>
                    <td>
                      <div class="use">
                        <Bar ratio={area.used_ratio} neutral={area.kind === "other"} />
                        <span>{orNone(area.used_ratio, percent)}</span>
                      </div>
                    </td>
                    <td class="n hide-s">{storageText(area)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </>
  );
}

export function DeviceEvents({ device }: TabProps): JSX.Element {
  const events = usePaged<StateEvent>(`/api/v1/events?device=${encodeURIComponent(device.id)}&`);
  return (
    <>
      <Panel
        feed={events.feed}
        title={t("tab.events")}
        skeleton={6}
        footer={events.list?.next && <More {...events} label={t("events.older")} />}
        empty={(page) =>
          page.items.length + page.damaged.length || page.next
            ? null
            : { icon: "clock", title: t("events.none"), hint: t("events.none_hint") }
        }
      >
        {() => (
          <div class="body">
            <DamagedNote spans={events.list?.damaged ?? []} />
            <EventLine events={events.list?.items ?? []} />
            {events.list?.next && !events.list.items.length && <p class="muted">{t("gap.no_match_yet")}</p>}
          </div>
        )}
      </Panel>
      <GapLedger key={device.id} device={device.id} />
    </>
  );
}
