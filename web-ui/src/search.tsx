// SPDX-License-Identifier: GPL-3.0-or-later
// Command search: devices by name, address or place, what devices say of themselves, and pages; opened with "/" or from the
// top bar.

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { request } from "./api/client";
import type { Device, Found, Page } from "./api/types";
import { compare, listed, untrusted } from "./format";
import { type Key, t } from "./i18n";
import { devicePath, navigate } from "./router";
import { Icon, type IconName, StateMark } from "./widgets/icons";
import { deviceMark } from "./widgets/state";

interface Hit {
  key: string;
  href: string;
  label: string;
  detail: string;
  icon?: IconName;
  device?: Device;
}

const kWaitMs = 180;
const kMostHits = 8;
const kFactsOfPort = 4;
const query = signal("");
const devices = signal<Device[]>([]);
const facts = signal<Found["items"]>([]);
const failed = signal(false);
const chosen = signal(0);
let timer = 0;
let asked = 0;

const dialog = (): HTMLDialogElement | null => document.querySelector("#search");

export function openSearch(): void {
  const box = dialog();
  if (!box || box.open) return;
  query.value = "";
  chosen.value = 0;
  box.showModal();
  void lookUp();
}

async function lookUp(): Promise<void> {
  const turn = ++asked;
  const words = encodeURIComponent(query.value.trim());
  const [named, said] = await Promise.all([
    request<Page<Device>>("GET", `/api/v1/devices?limit=${kMostHits}&q=${words}`),
    words && request<Found>("GET", `/api/v1/search?limit=${kMostHits * kFactsOfPort}&q=${words}`),
  ]);
  if (turn !== asked) return;
  failed.value = named.kind === "failure" || (said !== "" && said.kind === "failure");
  devices.value = named.kind === "value" ? named.value.items : [];
  facts.value = said !== "" && said.kind === "value" ? said.value.items : [];
  chosen.value = 0;
}

/** A port once, whatever of it has the words. */
function portsOnce(found: Found["items"]): Found["items"][] {
  const hits = new Map<string, Found["items"]>();
  for (const fact of found) {
    const key = `${fact.device} ${fact.component ?? fact.attribute}`;
    hits.set(key, [...(hits.get(key) ?? []), fact]);
  }
  return [...hits.values()];
}

/** Where the words stand, device by device; the name and the state of a device that is listed already say nothing new. */
function said(): Hit[] {
  const listedAlready = new Set(devices.value.map((device) => device.id));
  const news = facts.value
    .filter((fact) => fact.attribute !== "state" || fact.component)
    .filter((fact) => fact.component || fact.attribute !== "sys_name" || !listedAlready.has(fact.device));
  return portsOnce(news)
    .slice(0, kMostHits)
    .map((same) => {
      const { device, device_name, component, name, attribute } = same[0]!;
      const values = same.filter((fact) => fact.attribute !== "state" && fact.value !== name);
      return {
        key: `${device} ${component ?? attribute}`,
        href: devicePath(device, component ? "interfaces" : "summary"),
        label: untrusted(device_name),
        detail: listed([untrusted(name), ...values.map((fact) => untrusted(fact.value, 80))]),
        icon: "search" as const,
      };
    })
    .sort((a, b) => compare(a.label, b.label));
}

function onInput(text: string): void {
  query.value = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => void lookUp(), kWaitMs);
}

const kPages: { href: string; label: Key; icon: IconName }[] = [
  { href: "/", label: "nav.overview", icon: "overview" },
  { href: "/alarms", label: "nav.alarms", icon: "alarms" },
  { href: "/devices", label: "nav.devices", icon: "devices" },
  { href: "/discovery", label: "nav.discovery", icon: "find" },
  { href: "/workbench", label: "nav.workbench", icon: "find" },
  { href: "/settings", label: "nav.settings", icon: "settings" },
];

function hits(): Hit[] {
  const words = query.value.trim().toLowerCase();
  const pages = kPages
    .map((page) => ({
      key: page.href,
      href: page.href,
      label: t(page.label),
      icon: page.icon,
      detail: t("search.page"),
    }))
    .filter((page) => page.label.toLowerCase().includes(words));
  const found = devices.value.map((device) => ({
    key: device.id,
    href: devicePath(device.id),
    label: untrusted(device.name),
    detail: listed([device.address, untrusted(device.location)]),
    device,
  }));
  return [...found, ...said(), ...pages];
}

function go(href: string): void {
  dialog()?.close();
  navigate(href);
}

function onKey(event: KeyboardEvent, list: Hit[]): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) chosen.value = (chosen.value + step + list.length) % Math.max(1, list.length);
  else if (event.key === "Enter" && list[chosen.value]) go(list[chosen.value]!.href);
  else return;
  event.preventDefault();
}

export function SearchDialog(): JSX.Element {
  const list = hits();
  return (
    <dialog
      id="search"
      class="dialog search"
      aria-label={t("search.open")}
      onClick={(event) => event.target === event.currentTarget && dialog()?.close()}
    >
      <div class="search-line">
        <Icon name="search" size={18} />
        <input
          type="text"
          role="combobox"
          aria-label={t("search.open")}
          aria-expanded="true"
          aria-controls="hits"
          autocomplete="off"
          spellcheck={false}
          {...(list.length > 0 && { "aria-activedescendant": `hit-${chosen.value}` })}
          placeholder={t("search.hint")}
          value={query.value}
          maxLength={200}
          autoFocus
          onInput={(event) => onInput(event.currentTarget.value)}
          onKeyDown={(event) => onKey(event, list)}
        />
        <button class="quiet" type="button" aria-label={t("close")} onClick={() => dialog()?.close()}>
          <Icon name="close" />
        </button>
      </div>
      <ul id="hits" role="listbox" aria-label={t("search.results")}>
        {list.map((hit, index) => (
          <li
            key={hit.key}
            id={`hit-${index}`}
            role="option"
            aria-selected={index === chosen.value}
            ref={(row) => void (row && index === chosen.value && row.scrollIntoView({ block: "nearest" }))}
            onClick={() => go(hit.href)}
            onMouseMove={() => (chosen.value = index)}
          >
            {hit.device ? <StateMark mark={deviceMark[hit.device.state]} /> : <Icon name={hit.icon ?? "next"} />}
            <span>{hit.label}</span>
            <span class="muted clip">{hit.detail}</span>
          </li>
        ))}
      </ul>
      <p class="muted search-state" role="status">
        {failed.value ? t("search.failed") : list.length ? t("search.count", { n: list.length }) : t("search.none")}
      </p>
    </dialog>
  );
}
