// SPDX-License-Identifier: GPL-3.0-or-later
// A draft of a pack: written, tried on the recording or on the device as it is now, and taken along as a file.

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Finding, type Mistake, type Recording, type Trial, tryDraft } from "../api/workbench";
import { listed, momentOrNone, number, untrusted } from "../format";
import { language, t } from "../i18n";
import { Refused } from "../widgets/live";
import { State } from "../widgets/state";
import { benchRefusal } from "./workbench_words";

const kShadowMs = 10_000;
const kMostYaml = 48 * 1024;

/** What was written stays while the page does: of one recording. */
const kept = signal<{ of: string | null; yaml: string }>({ of: null, yaml: "" });

/** Where line and column, both from 1, are in the text. */
export function placeOf(yaml: string, line: number, column: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const end = yaml.indexOf("\n", at);
    if (end < 0) break;
    at = end + 1;
  }
  return Math.min(at + Math.max(column - 1, 0), yaml.length);
}

function Mistakes({ all, show }: { all: Mistake[]; show: (one: Mistake) => void }): JSX.Element {
  return (
    <>
      <State mark="minor">{t("bench.mistakes", { n: all.length })}</State>
      <ul class="bench-mistakes">
        {all.map((one) => (
          <li key={`${one.line} ${one.column} ${one.text}`}>
            <button class="link mono" type="button" disabled={one.line === 0} onClick={() => show(one)}>
              {one.line === 0 ? t("bench.whole") : t("bench.place", { line: one.line, column: one.column })}
            </button>{" "}
            <span lang="en">{untrusted(one.text, 200)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const kKinds = {
  sensor: "sensors",
  processor: "processors",
  state: "states",
  memory: "memory",
  storage: "storage",
  series: "series",
} as const;

function FindingRow({ one }: { one: Finding }): JSX.Element {
  const label = (language.value === "zh" && one.label_zh) || one.label;
  return (
    <tr>
      <td>
        {untrusted(label, 80)} <span class="small muted">{t(`bench.kind.${kKinds[one.kind]}`)}</span>
        <div class="mono small muted">{one.oid}</div>
      </td>
      <td class="num">
        {untrusted(one.value, 40)} <span class="small muted">{one.unit}</span>
      </td>
    </tr>
  );
}

function Found({ trial }: { trial: Trial }): JSX.Element {
  return (
    <>
      <div class="row wrap">
        <State mark={trial.matches ? "ok" : "minor"}>{t(trial.matches ? "bench.matches" : "bench.no_match")}</State>
        <span class="grow" />
        <span class="small muted">
          {trial.read ? t("bench.read", { time: momentOrNone(trial.read) }) : t("bench.on_recording")}
        </span>
      </div>
      {trial.problem && <p class="hint">{t("bench.silent", { why: trial.problem })}</p>}
      <p class="small">
        {listed([
          untrusted(listed([trial.vendor, trial.model, trial.version]), 120),
          t("bench.findings", { n: trial.more ? `${number(trial.findings.length)}+` : number(trial.findings.length) }),
        ])}
      </p>
      {trial.findings.length > 0 && (
        <div class="scroll bench-found" tabIndex={0} role="region" aria-label={t("bench.result")}>
          <table>
            <thead>
              <tr>
                <th>{t("col.name")}</th>
                <th class="num">{t("bench.value")}</th>
              </tr>
            </thead>
            <tbody>
              {trial.findings.map((one) => (
                <FindingRow key={`${one.kind} ${one.oid} ${one.label}`} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Tries a draft; what comes after a newer question is not shown. */
function useTrial(yaml: () => string) {
  const [trial, setTrial] = useState<Trial | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (on: "recording" | "device"): Promise<void> => {
    setBusy(true);
    const reply = await tryDraft(yaml(), on);
    setBusy(false);
    setError(reply.kind === "failure" ? benchRefusal(reply.failure) : null);
    if (reply.kind === "value") setTrial(reply.value);
  };
  return { trial, error, busy, run };
}

/** The device is asked again and again, as polling would. */
function useShadow(run: (on: "device") => Promise<void>): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(false);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (!on) return undefined;
    void latest.current("device");
    const timer = setInterval(() => {
      if (!document.hidden) void latest.current("device");
    }, kShadowMs);
    return () => clearInterval(timer);
  }, [on]);
  return [on, setOn];
}

export function Draft({ recording, first }: { recording: Recording; first: string }): JSX.Element {
  if (kept.value.of !== recording.started) kept.value = { of: recording.started, yaml: first };
  const { yaml } = kept.value;
  const area = useRef<HTMLTextAreaElement>(null);
  const { trial, error, busy, run } = useTrial(() => kept.value.yaml);
  const [shadow, setShadow] = useShadow(run);
  const show = (one: Mistake): void => {
    const at = placeOf(yaml, one.line, one.column);
    area.current?.focus();
    area.current?.setSelectionRange(at, at + 1);
  };
  return (
    <div class="body bench-draft">
      <label class="field">
        <span>{t("bench.yaml")}</span>
        <textarea
          ref={area}
          class="input mono"
          rows={16}
          maxLength={kMostYaml}
          spellcheck={false}
          autocapitalize="none"
          wrap="off"
          value={yaml}
          onInput={(event) => (kept.value = { of: recording.started, yaml: event.currentTarget.value })}
        />
      </label>
      <div class="row wrap">
        <button class="btn primary" type="button" disabled={busy || shadow} onClick={() => void run("recording")}>
          {t("bench.try")}
        </button>
        <button class="btn" type="button" onClick={() => save("draft.yaml", yaml)}>
          {t("bench.save")}
        </button>
        <label class="pick">
          <input type="checkbox" checked={shadow} onChange={(event) => setShadow(event.currentTarget.checked)} />
          <span>{t("bench.shadow")}</span>
        </label>
      </div>
      <Refused text={error} />
      <div role="status" aria-live="polite">
        {trial && trial.mistakes.length > 0 && <Mistakes all={trial.mistakes} show={show} />}
        {trial && trial.mistakes.length === 0 && <Found trial={trial} />}
      </div>
    </div>
  );
}
