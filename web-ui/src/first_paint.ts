// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in <head> before the first paint: sets theme and language, and starts to load that language's strings.
(() => {
  const root = document.documentElement;
  const stored = (name: string): string | null => {
    try {
      return localStorage.getItem(`outstation.${name}`);
    } catch {
      return null;
    }
  };
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset["theme"] = stored("theme") ?? (dark ? "dark" : "light");
  const language = stored("language") === "en" ? "en" : "zh";
  root.lang = language === "en" ? "en" : "zh-CN";
  const link = document.createElement("link");
  link.rel = "preload";
  link.as = "fetch";
  link.crossOrigin = "anonymous";
  link.href = root.dataset[language] ?? "";
  document.head.append(link);
})();
