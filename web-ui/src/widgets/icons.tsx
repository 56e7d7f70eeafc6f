// SPDX-License-Identifier: GPL-3.0-or-later
// Line icons on a 16-unit grid and the filled marks of the states; shape carries the meaning, colour repeats it.

import type { JSX } from "preact";

const kPaths = {
  overview: "M2 13.5h12M4 13.5V8m4 5.5V3m4 10.5V6",
  alarms: "M3 11.5h10L11.8 10V7a3.8 3.8 0 0 0-7.6 0v3zM6.5 13.5a1.6 1.6 0 0 0 3 0",
  devices: "M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01M7.5 5h4M7.5 11h4",
  topology: "M6 2h4v3H6zM2 11h4v3H2zM10 11h4v3h-4zM8 5v3M4 11V8h8v3",
  settings: "M2 4.5h7m4 0h1M2 11.5h1m4 0h7M11 2.75v3.5M5 9.75v3.5",
  find: "M8 8h.01M5.2 10.8a4 4 0 0 1 0-5.6m5.6 0a4 4 0 0 1 0 5.6M3 13A7 7 0 0 1 3 3m10 0a7 7 0 0 1 0 10",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.4L14 14",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.2l2 1.3",
  station: "M3 7.5 8 3l5 4.5V13H3zM6.5 13V9.5h3V13",
  lock: "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  disk: "M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2zm0 0v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13",
  moon: "M13.5 9.7A6 6 0 0 1 6.3 2.5a6 6 0 1 0 7.2 7.2z",
  user: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.5-2.8 2.7-4.5 5.5-4.5s5 1.7 5.5 4.5",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6",
  leave: "M9.5 2.5h-6v11h6M6.5 8H14m-2.5-2.5L14 8l-2.5 2.5",
  off: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6 6l4 4m0-4-4 4",
  up: "M8 13V3m-4 4 4-4 4 4",
  down: "M8 3v10m-4-4 4 4 4-4",
  next: "m6 3 5 5-5 5",
  back: "m10 3-5 5 5 5",
  closer: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.4L14 14M4.8 7h4.4M7 4.8v4.4",
  close: "m4 4 8 8m0-8-8 8",
  inbox: "M2 9.5 4 3h8l2 6.5V13H2zM2 9.5h3.5l1 1.5h3l1-1.5H14",
  chart: "M2 2v12h12M4.5 10.5l3-3.5 2.5 2 3.5-5",
  temperature: "M8 9.5V3.5a1.5 1.5 0 0 0-3 0v6a3 3 0 1 0 3 0zM10.5 3.5H13M10.5 6.5H12",
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path d={kPaths[name]} />
    </svg>
  );
}

export type Mark = "crit" | "major" | "minor" | "notice" | "ok" | "unknown" | "idle";

const kMarks: Record<Mark, () => JSX.Element> = {
  crit: () => (
    <>
      <rect class="fill" x="1.5" y="1.5" width="13" height="13" rx="1.5" />
      <path class="cut" d="M8 4.5v4.2M8 11.3v.2" />
    </>
  ),
  major: () => (
    <>
      <path class="fill" d="M8 1.3 15.3 14H.7z" />
      <path class="cut" d="M8 6v3.7M8 11.9v.2" />
    </>
  ),
  minor: () => (
    <>
      <path class="fill" d="M8 .8 15.2 8 8 15.2.8 8z" />
      <path class="cut" d="M8 4.8v3.7M8 11v.2" />
    </>
  ),
  notice: () => (
    <>
      <circle class="fill" cx="8" cy="8" r="6.8" />
      <path class="cut" d="M8 7.3v4M8 4.6v.2" />
    </>
  ),
  ok: () => (
    <>
      <circle class="ring" cx="8" cy="8" r="6.2" />
      <path class="ring" d="m5.2 8.2 2 2 3.6-4" />
    </>
  ),
  unknown: () => (
    <>
      <circle class="ring" cx="8" cy="8" r="6.2" stroke-dasharray="2.4 1.5" />
      <path class="ring" d="M6.3 6.5c.1-1 .8-1.6 1.7-1.6 1 0 1.7.6 1.7 1.5 0 1.3-1.7 1.3-1.7 2.6M8 11.2v.1" />
    </>
  ),
  idle: () => (
    <>
      <circle class="ring" cx="8" cy="8" r="6.2" />
      <path class="ring" d="M5.3 8h5.4" />
    </>
  ),
};

export function StateMark({ mark, size = 15 }: { mark: Mark; size?: number }): JSX.Element {
  return (
    <svg class={`mark ${mark}`} viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      {kMarks[mark]()}
    </svg>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 28 24" width="28" height="24" aria-hidden="true">
      <path class="fill" d="M8 6h15a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3v-1.5H1V14h4V9a3 3 0 0 1 3-3z" />
      <path class="line" d="M20 6V2.5M17 2.5h6" />
      <path class="cut" d="M8.5 14h3l1.8-4 2.8 7.5 1.9-3.5h4.5" />
    </svg>
  );
}
