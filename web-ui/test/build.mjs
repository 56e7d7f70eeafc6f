// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles source modules for a unit test, with the few browser objects they touch stubbed.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

globalThis.localStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
globalThis.matchMedia = () => ({ matches: false, addEventListener: () => {} });
globalThis.document = { documentElement: { dataset: {} }, addEventListener: () => {}, hidden: false };
globalThis.location = new URL("http://station.example/");
globalThis.window = globalThis;

const source = fileURLToPath(new URL("../src/", import.meta.url));

/** The exports of src/`path`. */
export const load = async (path) => (await loadTogether({ only: `./${path}` })).only;

/** The exports of several modules that share their state: {name: "./path in src" or a package}. */
export async function loadTogether(modules) {
  const lines = Object.entries(modules).map(([name, path]) => `export * as ${name} from "${path}";`);
  const result = await build({
    stdin: { contents: lines.join("\n"), resolveDir: source },
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
