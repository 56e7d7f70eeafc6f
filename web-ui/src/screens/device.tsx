// SPDX-License-Identifier: GPL-3.0-or-later
// One device: its head, its tabs, and the tab that the address names.

import "../kernel";
import type { ComponentType, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useFeed } from "../api/feed";
import type { DeviceDetail } from "../api/types";
import { ageSeconds, duration, listed, momentOrNone, number, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath, type DeviceTab, kDeviceTabs, route } from "../router";
import { StateMark } from "../widgets/icons";
import { lazy } from "../widgets/lazy";
import { Failed, Skeleton } from "../widgets/panel";
import { deviceMark, reasonText } from "../widgets/state";
import { Title, useTitle } from "../widgets/title";
import { DeviceEvents, DeviceInterfaces, DeviceResources, DeviceSensors } from "./device_tabs";
import { DeviceSummary } from "./device_summary";

const DeviceNeighbours = lazy(() => import("./device_neighbours").then((module) => module.DeviceNeighbours), "h2");
const DevicePolling = lazy(() => import("./device_polling").then((module) => module.DevicePolling), "h2");

const kTabs: Record<DeviceTab, ComponentType<{ device: DeviceDetail }>> = {
  summary: DeviceSummary,
  interfaces: DeviceInterfaces,
  sensors: DeviceSensors,
  resources: DeviceResources,
  events: DeviceEvents,
  neighbours: DeviceNeighbours,
  polling: DevicePolling,
};

function stateSentence(device: DeviceDetail): string {
  if (device.state === "up") return device.uptime_s ? t("device.up_for", { span: duration(device.uptime_s) }) : "";
  const parts = [
    device.since
      ? t("device.since", { time: momentOrNone(device.since), span: duration(ageSeconds(device.since)) })
      : "",
    reasonText(device.reason),
  ];
  return parts.filter(Boolean).join(t("comma"));
}

function Head({ device }: { device: DeviceDetail }): JSX.Element {
  const ports = device.interfaces_total
    ? t("device.ports", { up: device.interfaces_up ?? t("none"), total: device.interfaces_total })
    : "";
  const facts = listed([untrusted(device.location), ports, stateSentence(device)]);
  return (
    <div class="page-head">
      <div class="row wrap">
        <Title>{untrusted(device.name)}</Title>
        <span class={`tag ${deviceMark[device.state]}`}>
          <StateMark mark={deviceMark[device.state]} size={12} />
          {t(`state.${device.state}`)}
        </span>
        <span class="tag">{t(`one.${device.class}`)}</span>
      </div>
      <p>
        <span class="mono">{device.address}</span>
        {facts && ` · ${facts}`}
      </p>
    </div>
  );
}

function counts(device: DeviceDetail): Partial<Record<DeviceTab, number | null | undefined>> {
  return { interfaces: device.interfaces_total, sensors: device.sensors };
}

function DeviceTabs({ device, here }: { device: DeviceDetail; here: DeviceTab }): JSX.Element {
  const count = counts(device);
  const bar = useRef<HTMLElement>(null);
  useEffect(
    () => bar.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }),
    [here],
  );
  return (
    <nav class="tabs" ref={bar} aria-label={t("device.sections")}>
      {kDeviceTabs.map((tab) => (
        <a key={tab} href={devicePath(device.id, tab)} {...(tab === here && { "aria-current": "page" as const })}>
          {t(`tab.${tab}`)}
          {typeof count[tab] === "number" && <span>{number(count[tab]!)}</span>}
        </a>
      ))}
    </nav>
  );
}

export function Device(): JSX.Element {
  const { screen } = route.value;
  const id = screen.name === "device" ? screen.id : "";
  const tab = screen.name === "device" ? screen.tab : "summary";
  const feed = useFeed<DeviceDetail>(id && `/api/v1/devices/${encodeURIComponent(id)}`);
  const device = feed.data.value;
  useTitle(device ? untrusted(device.name) : t("nav.devices"));
  if (!device) {
    const failure = feed.failure.value;
    return (
      <section class="panel">
        <Title class="page-title">{untrusted(id)}</Title>
        {failure ? <Failed failure={failure} retry={() => void feed.refresh()} /> : <Skeleton lines={6} />}
      </section>
    );
  }
  const Tab = kTabs[tab];
  return (
    <>
      <Head device={device} />
      <DeviceTabs device={device} here={tab} />
      <Tab device={device} />
    </>
  );
}
