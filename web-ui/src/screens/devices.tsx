// SPDX-License-Identifier: GPL-3.0-or-later
// The list of devices: filtered, sorted and paged by the station; the choice stands in the address.

import "../kernel";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useFeed } from "../api/feed";
import type { Device, DeviceClass, DeviceState, Page } from "../api/types";
import { age, ageSeconds, momentOrNone, number, orNone, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { devicePath, route, setQuery } from "../router";
import { useOverview } from "../shell";
import { Icon, StateMark } from "../widgets/icons";
import { Pager } from "../widgets/pager";
import { Panel } from "../widgets/panel";
import { deviceMark, DeviceStateText, reasonText } from "../widgets/state";
import { Title, useTitle } from "../widgets/title";

const kPageSize = 50;
const kTypingMs = 250;
const kStates: DeviceState[] = ["down", "unknown", "up"];
const kClasses: DeviceClass[] = [
  "switch",
  "router",
  "firewall",
  "server",
  "storage",
  "ups",
  "pdu",
  "sensor",
  "printer",
  "other",
];

const query = (name: string): string => route.value.query.get(name) ?? "";

/** Changes a filter and returns to the first page. */
const filter = (name: string, value: string): void => setQuery({ [name]: value, cursor: "" });

function listPath(): string {
  const asked = new URLSearchParams({ limit: String(kPageSize), sort: query("sort") || "state" });
  for (const name of ["q", "state", "class", "cursor"]) if (query(name)) asked.set(name, query(name));
  return `/api/v1/devices?${asked}`;
}

function SearchField(): JSX.Element {
  const [text, setText] = useState(query("q"));
  const timer = useRef(0);
  const type = (value: string): void => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => filter("q", value.trim()), kTypingMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label class="search-field">
      <Icon name="search" />
      <span class="vh">{t("devices.search")}</span>
      <input
        class="input"
        type="search"
        value={text}
        placeholder={t("devices.search")}
        maxLength={200}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </label>
  );
}

function Filters(): JSX.Element {
  const counts = useOverview().data.value?.devices;
  const state = query("state");
  return (
    <div class="filters">
      <SearchField />
      <div class="chips" role="group" aria-label={t("devices.by_state")}>
        <button class="chip" type="button" aria-pressed={!state} onClick={() => filter("state", "")}>
          {t("devices.all")}
          {counts && <b>{number(counts.total)}</b>}
        </button>
        {kStates.map((name) => (
          <button
            key={name}
            class="chip"
            type="button"
            aria-pressed={state === name}
            onClick={() => filter("state", state === name ? "" : name)}
          >
            <StateMark mark={deviceMark[name]} size={13} />
            {t(`state.${name}`)}
            {counts && <b>{number(counts[name])}</b>}
          </button>
        ))}
      </div>
      <label class="select">
        <span class="vh">{t("col.class")}</span>
        <select class="input" value={query("class")} onChange={(event) => filter("class", event.currentTarget.value)}>
          <option value="">{t("devices.any_class")}</option>
          {kClasses.map((name) => (
            <option key={name} value={name}>
              {t(`class.${name}`)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function SortHead({ field, label, right }: { field: string; label: Key; right?: boolean }): JSX.Element {
  const sort = query("sort") || "state";
  const active = sort.replace("-", "") === field;
  const down = active && sort.startsWith("-");
  return (
    <th
      class={right ? "n" : ""}
      {...(active && { "aria-sort": down ? ("descending" as const) : ("ascending" as const) })}
    >
      <button type="button" onClick={() => filter("sort", active && !down ? `-${field}` : field)}>
        {t(label)}
        {active && <Icon name={down ? "down" : "up"} size={12} />}
      </button>
    </th>
  );
}

function seen(device: Device): string {
  if (!device.last_seen) return t("devices.never");
  return device.state === "up"
    ? momentOrNone(device.last_seen)
    : t("devices.ago", { span: age(ageSeconds(device.last_seen)) });
}

function Row({ device }: { device: Device }): JSX.Element {
  const ports = device.interfaces_total
    ? `${orNone(device.interfaces_up, number)} / ${number(device.interfaces_total)}`
    : t("dash");
  return (
    <tr class={device.state === "down" ? "is-down" : ""}>
      <td class="c-state">
        <DeviceStateText state={device.state} />
      </td>
      <td class="c-name">
        <a class="strong" data-row href={devicePath(device.id)}>
          {untrusted(device.name)}
        </a>
        {device.reason && <span class="muted small reason">{reasonText(device.reason)}</span>}
      </td>
      <td class="c-class">{t(`one.${device.class}`)}</td>
      <td class="c-address mono">{device.address}</td>
      <td class="c-place">{untrusted(device.location, 120) || t("dash")}</td>
      <td class="n hide-m">{ports}</td>
      <td class="n hide-m">{device.sensors ? number(device.sensors) : t("dash")}</td>
      <td class="n c-seen">{seen(device)}</td>
    </tr>
  );
}

const shownText = (page: Page<Device>): string =>
  t("devices.shown", { n: number(page.items.length), total: number(page.total) });

export function Devices(): JSX.Element {
  useTitle(t("nav.devices"));
  const path = listPath();
  const feed = useFeed<Page<Device>>(path);
  // Sorting, filtering and paging keep the old rows, and with them the focus, until the new ones come.
  const left = useRef<Page<Device> | null>(null);
  left.current = feed.data.value ?? left.current;
  const shown = left.current;
  const interval = useOverview().data.value?.poll_interval_s;
  const filtered = ["q", "state", "class"].some((name) => query(name));
  const clear = (
    <button class="btn" type="button" onClick={() => setQuery({ q: "", state: "", class: "", cursor: "" })}>
      {t("devices.clear")}
    </button>
  );
  return (
    <>
      <div class="page-head row wrap">
        <Title>{t("nav.devices")}</Title>
        <span class="grow" />
        <a class="btn small-btn" href="/discovery">
          <Icon name="find" />
          {t("devices.find")}
        </a>
      </div>
      <Filters />
      <Panel
        feed={feed}
        title={t("devices.title")}
        meanwhile={shown}
        asOf={feed.data.value?.as_of}
        intervalS={interval}
        skeleton={8}
        footer={shown && <Pager shown={shownText(shown)} next={shown.next} />}
        empty={(page) =>
          page.items.length
            ? null
            : filtered
              ? { icon: "search", title: t("devices.no_match"), hint: t("devices.no_match_hint"), action: clear }
              : { icon: "devices", title: t("verdict.none"), hint: t("verdict.none_hint") }
        }
      >
        {(page) => (
          <div class="scroller" tabIndex={0} role="group" aria-label={t("devices.title")}>
            <table class="device-table">
              <thead>
                <tr>
                  <SortHead field="state" label="col.state" />
                  <SortHead field="name" label="col.name" />
                  <SortHead field="class" label="col.class" />
                  <SortHead field="address" label="col.address" />
                  <SortHead field="location" label="col.place" />
                  <th class="n hide-m">{t("col.ports")}</th>
                  <th class="n hide-m">{t("col.sensors")}</th>
                  <SortHead field="last_seen" label="col.seen" right />
                </tr>
              </thead>
              <tbody>
                {page.items.map((device) => (
                  <Row key={device.id} device={device} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </>
  );
}
