// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles one source module for a unit test, with the few browser objects it touches stubbed.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

globalThis.localStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
globalThis.matchMedia = () => ({ matches: false, addEventListener: () => {} });
globalThis.document = { documentElement: { dataset: {} }, addEventListener: () => {}, hidden: false };
globalThis.location = new URL("http://station.example/");
globalThis.window = globalThis;

/** The exports of src/`path`. */
export async function load(path) {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${path}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  return import(`data:text/javascript;base64,${Buffer.from(result.outputFiles[0].text).toString("base64")}`);
}
