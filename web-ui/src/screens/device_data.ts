// SPDX-License-Identifier: GPL-3.0-or-later
// The live data of one device, asked for once and shared by the panels that show it.

import { type Feed, useFeed } from "../api/feed";
import type { DeviceDetail, Interface, Page, Part, Resources, Sensor, StateEvent, Strip } from "../api/types";
import { stationNow } from "../clock";

const kDayMs = 86_400_000;

/** Rows of a list in the summary; the tab of its own shows all. */
export const kShortList = 6;

const base = (device: DeviceDetail): string => `/api/v1/devices/${encodeURIComponent(device.id)}`;

export const useInterfaces = (device: DeviceDetail): Feed<Page<Interface>> =>
  useFeed(`${base(device)}/interfaces?limit=500`);
export const useSensors = (device: DeviceDetail): Feed<{ items: Sensor[] }> => useFeed(`${base(device)}/sensors`);
export const useResources = (device: DeviceDetail): Feed<Resources> => useFeed(`${base(device)}/resources`);
export const useInventory = (device: DeviceDetail): Feed<{ items: Part[] }> =>
  useFeed(`${base(device)}/inventory`, undefined, 60_000);
export const useHistory = (device: DeviceDetail, hours: number, ticks: number): Feed<Strip> =>
  useFeed(`${base(device)}/history?hours=${hours}&ticks=${ticks}`, undefined, 60_000);
export const useEvents = (device: DeviceDetail, limit: number): Feed<{ items: StateEvent[]; next: string | null }> =>
  useFeed(`/api/v1/events?device=${encodeURIComponent(device.id)}&limit=${limit}`);

/** Interfaces whose last event of the past day says that they went down. */
export function lostInterfaces(events: StateEvent[] | undefined): Set<string> {
  const lost = new Set<string>();
  const settled = new Set<string>();
  // Peeked: a tick of the clock draws no list of interfaces again.
  const now = stationNow.peek();
  for (const event of events ?? []) {
    const name = event.component;
    if (!name || settled.has(name) || !event.time || now - Date.parse(event.time) > kDayMs) continue;
    settled.add(name);
    if (event.kind === "interface_down") lost.add(name);
  }
  return lost;
}

/** Time and interval by which the values of a device are judged stale. */
export function freshness(device: DeviceDetail): { asOf: string | null; intervalS: number | undefined } {
  return { asOf: device.last_seen ?? null, intervalS: device.poll?.interval_s };
}
