// SPDX-License-Identifier: GPL-3.0-or-later
// Keyboard shortcuts: single keys outside fields, and two-key sequences that begin with g. Settings can turn them off.

import { openHelp } from "./help";
import { shortcuts } from "./preferences";
import { navigate } from "./router";
import { openSearch } from "./search";
import { session } from "./session";

const kSequenceMs = 1200;
const kPlaces: Record<string, string> = { o: "/", a: "/alarms", d: "/devices", s: "/settings" };
let startedAt = 0;

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches("input,textarea,select") || target.isContentEditable || target.closest("dialog") !== null)
  );
}

/** Moves the focus among the rows of the list on this page. */
function moveRow(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("a[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

/** What the page offers under this key; a field takes the focus. */
function press(key: string): boolean {
  const target = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (target?.matches("button")) target.click();
  else target?.focus();
  return target !== null;
}

function act(key: string, held: boolean): boolean {
  if (key === "/") openSearch();
  else if (key === "?") openHelp();
  else if (key === "j") moveRow(1);
  else if (key === "k") moveRow(-1);
  else return !held && press(key);
  return true;
}

function onKey(event: KeyboardEvent): void {
  const idle = !session.value || session.value.must_change_password || !shortcuts.value;
  if (idle || event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  // What comes after g is the second of two keys, also when it comes too late; and a key that is held down acts once.
  const second = startedAt > 0;
  const place = second && event.timeStamp - startedAt < kSequenceMs ? kPlaces[event.key] : undefined;
  startedAt = event.key === "g" ? event.timeStamp : 0;
  if (place) navigate(place);
  if (place || (!second && act(event.key, event.repeat))) event.preventDefault();
}

export function startKeys(): void {
  document.addEventListener("keydown", onKey);
}
