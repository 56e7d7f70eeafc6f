// SPDX-License-Identifier: GPL-3.0-or-later
// Keyboard shortcuts: single keys outside fields, and two-key sequences that begin with g. Settings can turn them off.

import { openHelp } from "./help";
import { shortcuts } from "./preferences";
import { navigate } from "./router";
import { openSearch } from "./search";
import { session } from "./session";

const kSequenceMs = 1200;
const kPlaces: Record<string, string> = { o: "/", d: "/devices", s: "/settings" };
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

function act(key: string): boolean {
  if (key === "/") openSearch();
  else if (key === "?") openHelp();
  else if (key === "j") moveRow(1);
  else if (key === "k") moveRow(-1);
  else return false;
  return true;
}

function onKey(event: KeyboardEvent): void {
  const idle = !session.value || session.value.must_change_password || !shortcuts.value;
  if (idle || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  const place = event.timeStamp - startedAt < kSequenceMs ? kPlaces[event.key] : undefined;
  startedAt = event.key === "g" ? event.timeStamp : 0;
  if (place) navigate(place);
  if (place || act(event.key)) event.preventDefault();
}

export function startKeys(): void {
  document.addEventListener("keydown", onKey);
}
