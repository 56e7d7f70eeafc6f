// SPDX-License-Identifier: GPL-3.0-or-later
// Builds dist/: hashed files, a .gz beside each, and manifest.json, which names exactly the files to serve.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const assets = join(dist, "assets");

const kTypes = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json; charset=utf-8",
  svg: "image/svg+xml",
};

/** Writes content under a name that carries its hash; returns the name. */
function writeHashed(stem, extension, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const name = `${stem}-${hash}.${extension}`;
  writeFileSync(join(assets, name), content);
  return name;
}

async function bundle() {
  const result = await build({
    absWorkingDir: root,
    outdir: assets,
    bundle: true,
    minify: true,
    metafile: true,
    write: true,
    charset: "utf8",
    format: "esm",
    splitting: true,
    target: ["chrome94", "firefox93", "safari15"],
    legalComments: "none",
    entryPoints: { main: "src/main.tsx", style: "src/styles/app.css" },
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const { outputs } = result.metafile;
  const outputOf = (entry) => Object.keys(outputs).find((path) => outputs[path].entryPoint === entry);
  const main = outputOf("src/main.tsx");
  return {
    main: basename(main),
    style: basename(outputOf("src/styles/app.css")),
    needed: staticImports(outputs, main).map((path) => basename(path)),
  };
}

/** The chunks that `path` needs before it can run; the browser is told to fetch them at once. */
function staticImports(outputs, path, seen = new Set()) {
  for (const { kind, path: next } of outputs[path].imports) {
    if (kind !== "import-statement" || seen.has(next)) continue;
    seen.add(next);
    staticImports(outputs, next, seen);
  }
  return [...seen];
}

/** The script that runs before the first paint cannot be a module: modules are deferred. */
async function firstPaint() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["src/first_paint.ts"],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2019",
  });
  return writeHashed("first_paint", "js", result.outputFiles[0].contents);
}

function writeIndex(names) {
  const template = readFileSync(join(root, "src/index.html"), "utf8").replace(/^<!-- SPDX.*\n/m, "");
  const preload = names.needed.map((name) => `<link rel="modulepreload" href="/assets/${name}">\n`).join("");
  const page = template
    .replace("</head>", `${preload}</head>`)
    .replace(/%(\w+)%/g, (_, name) => `/assets/${names[name]}`);
  writeFileSync(join(dist, "index.html"), page);
}

function describe(path, file) {
  const content = readFileSync(join(dist, file));
  const packed = gzipSync(content, { level: 9 });
  writeFileSync(join(dist, `${file}.gz`), packed);
  return {
    path,
    file,
    content_type: kTypes[file.split(".").pop()],
    immutable: file.startsWith("assets/"),
    bytes: content.length,
    gzip_bytes: packed.length,
  };
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });
const language = (name) =>
  writeHashed(name, "json", JSON.stringify(JSON.parse(readFileSync(join(root, `src/lang/${name}.json`), "utf8"))));
const names = {
  ...(await bundle()),
  first_paint: await firstPaint(),
  zh: language("zh"),
  en: language("en"),
  icon: writeHashed("icon", "svg", readFileSync(join(root, "src/icon.svg"))),
};
writeIndex(names);
const files = [
  describe("/", "index.html"),
  ...readdirSync(assets)
    .sort()
    .map((name) => describe(`/assets/${name}`, `assets/${name}`)),
];
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify({ files }, null, 1)}\n`);
console.log(`web-ui: ${files.length} files, ${files.reduce((sum, file) => sum + file.gzip_bytes, 0)} bytes gzip`);
