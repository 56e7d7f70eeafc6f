// SPDX-License-Identifier: GPL-3.0-or-later
// Choices of this browser: language, theme, keyboard shortcuts. Storage may be refused; then they last until reload.

import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
type Name = "language" | "theme" | "keys" | "signedIn";

const prefix = "outstation.";

export function remembered(name: Name): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

export function remember(name: Name, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch {
    // A browser that refuses storage keeps the choice until the page is left.
  }
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const storedTheme = remembered("theme");
export const theme = signal<Theme>(storedTheme === "light" || storedTheme === "dark" ? storedTheme : "system");
/** What is painted now; charts redraw when it changes. */
export const dark = signal(document.documentElement.dataset["theme"] === "dark");
export const shortcuts = signal(remembered("keys") !== "off");

function paint(): void {
  dark.value = theme.value === "system" ? darkSystem.matches : theme.value === "dark";
  document.documentElement.dataset["theme"] = dark.value ? "dark" : "light";
}

export function chooseTheme(choice: Theme): void {
  theme.value = choice;
  remember("theme", choice === "system" ? null : choice);
  paint();
}

export function chooseShortcuts(on: boolean): void {
  shortcuts.value = on;
  remember("keys", on ? null : "off");
}

darkSystem.addEventListener("change", paint);
