// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses: the screen and its filters live in the URL, so that any view can be pasted into a work order.

import { signal } from "@preact/signals";

export const kDeviceTabs = [
  "summary",
  "interfaces",
  "sensors",
  "resources",
  "events",
  "neighbours",
  "polling",
] as const;
export type DeviceTab = (typeof kDeviceTabs)[number];

export type Screen =
  | {
      name:
        | "overview"
        | "devices"
        | "topology"
        | "discovery"
        | "workbench"
        | "settings"
        | "setup"
        | "login"
        | "missing";
    }
  | { name: "alarms"; id: string }
  | { name: "device"; id: string; tab: DeviceTab };

/** Screens that are named by their address alone. */
const kPlain = ["devices", "topology", "discovery", "workbench", "settings", "setup", "login"] as const;

let moved = false;

export interface Route {
  path: string;
  screen: Screen;
  query: URLSearchParams;
}

export const route = signal<Route>(parse(location.pathname, location.search));

export function parse(path: string, search: string): Route {
  return { path, screen: screenOf(path.split("/").filter(Boolean).map(decode)), query: new URLSearchParams(search) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function screenOf([area, id, tab, ...rest]: string[]): Screen {
  if (rest.length) return { name: "missing" };
  if (!area) return { name: "overview" };
  if (area === "devices" && id) {
    const known = kDeviceTabs.find((name) => name === (tab ?? "summary"));
    return known ? { name: "device", id, tab: known } : { name: "missing" };
  }
  if (area === "alarms" && !tab) return { name: "alarms", id: id ?? "" };
  const plain = kPlain.find((name) => name === area);
  if (!id && plain) return { name: plain };
  return { name: "missing" };
}

export function devicePath(id: string, tab: DeviceTab = "summary", query = ""): string {
  return `/devices/${encodeURIComponent(id)}${tab === "summary" ? "" : `/${tab}`}${query && `?${query}`}`;
}

export const benchPath = (subject = ""): string => `/workbench${subject && `?subject=${encodeURIComponent(subject)}`}`;

/** The filters of the list stay beside the alarm. */
export const alarmPath = (id: string, query = route.value.query.toString()): string =>
  `/alarms${id && `/${encodeURIComponent(id)}`}${query && `?${query}`}`;

export function navigate(href: string, options: { replace?: boolean } = {}): void {
  const url = new URL(href, location.origin);
  if (options.replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  show();
}

/** Changes some parameters of the query; an empty value removes one. */
export function setQuery(change: Record<string, string>, options: { replace?: boolean } = { replace: true }): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  navigate(location.pathname + (text && `?${text}`), options);
}

function show(): void {
  const before = route.value;
  route.value = parse(location.pathname, location.search);
  const device = (screen: Screen): string => (screen.name === "device" ? screen.id : "");
  const same = before.screen.name === route.value.screen.name && device(before.screen) === device(route.value.screen);
  if (same) return;
  window.scrollTo(0, 0);
  moved = true;
}

/** True from a navigation until the person touches keyboard or pointer: the title of the new screen takes the focus,
 *  also when it is shown only after its data has come. */
export const focusWanted = (): boolean => moved;

/** Follows plain clicks on links of this station without loading the page again. */
export function startRouter(): void {
  window.addEventListener("popstate", show);
  for (const touch of ["keydown", "pointerdown"])
    document.addEventListener(touch, () => (moved = false), { capture: true });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    navigate(link.href);
  });
}
