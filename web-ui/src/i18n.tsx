// SPDX-License-Identifier: GPL-3.0-or-later
// Words: strings come from lang/zh.json or lang/en.json, and only the active language is downloaded.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { remember, remembered } from "./preferences";

export type Key = keyof typeof import("./lang/en.json");
export type Language = "zh" | "en";
export type Values = Record<string, string | number>;

export const language = signal<Language>(remembered("language") === "en" ? "en" : "zh");
const words = signal<Partial<Record<string, string>>>({});

/** Loads the strings of `next`; the page keeps its language when they cannot be had. */
export async function loadLanguage(next: Language): Promise<boolean> {
  const root = document.documentElement;
  try {
    const response = await fetch(root.dataset[next] ?? "");
    if (!response.ok) return false;
    words.value = (await response.json()) as Record<string, string>;
  } catch {
    return false;
  }
  language.value = next;
  root.lang = next === "en" ? "en" : "zh-CN";
  return true;
}

export async function chooseLanguage(next: Language): Promise<void> {
  if (await loadLanguage(next)) remember("language", next === "zh" ? null : next);
}

/** A whole number with thousands separators; text as it is. */
const shown = (value: string | number | undefined): string =>
  typeof value === "number" ? String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",") : (value ?? "");

/** `{n}` takes the value named n; `{n?one:many}` picks by n. */
export function t(key: Key, values: Values = {}): string {
  const text = words.value[key] ?? key;
  return text.replace(/\{(\w+)(?:\?([^:}]*):([^}]*))?\}/g, (_, name: string, one?: string, many?: string) =>
    one === undefined ? shown(values[name]) : Number(values[name]) === 1 ? one : many!,
  );
}

/** Like `t`, with *marked* parts in bold. */
export function rich(key: Key, values: Values = {}): ComponentChildren {
  const marked: Values = {};
  for (const [name, value] of Object.entries(values))
    marked[name] = typeof value === "number" ? value : value.replaceAll("*", "∗");
  return t(key, marked)
    .split("*")
    .map((part, index) => (index % 2 ? <b>{part}</b> : part));
}
