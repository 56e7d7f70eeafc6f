// SPDX-License-Identifier: GPL-3.0-or-later
// How far the search for devices is, and the buttons that pause it, let it go on, and end it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { actOnSweep, type Sweep, type SweepAct, sweepSeconds } from "../api/discovery";
import { duration, momentOrNone, number, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { session } from "../session";
import { type Mark, StateMark } from "../widgets/icons";
import { Refused } from "../widgets/live";
import { State } from "../widgets/state";
import { setupRefusal } from "./setup_words";

const kMarks: Record<Sweep["state"], Mark> = {
  never: "idle",
  running: "notice",
  paused: "minor",
  done: "ok",
  stopped: "idle",
};

export const mayHandle = (): boolean => session.value !== null && session.value.role !== "viewer";

function left(sweep: Sweep): string {
  if (sweep.state !== "running") return "";
  return t("sweep.left", { span: duration(sweepSeconds(sweep.total - sweep.done, sweep.total - sweep.probed)) });
}

function countText(sweep: Sweep): string {
  const { done, total, found, others } = sweep;
  const count = t("sweep.count", { done: number(done), total: number(total), found: number(found) });
  return others > 0 ? [count, t("sweep.others", { n: others })].join(t("comma")) : count;
}

function Bar({ sweep }: { sweep: Sweep }): JSX.Element {
  const steps = 2 * sweep.total;
  const taken = sweep.probed + sweep.done;
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={t("sweep.progress")}
      aria-valuemin={0}
      aria-valuemax={steps}
      aria-valuenow={taken}
    >
      <i style={{ width: `${Math.round((taken / steps) * 100)}%` }} />
    </div>
  );
}

const kActs: Record<SweepAct, Key> = {
  start: "sweep.again",
  pause: "sweep.pause",
  resume: "sweep.resume",
  stop: "sweep.stop",
};

function Acts({ sweep, again }: ProgressProps): JSX.Element | null {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const act = async (action: SweepAct): Promise<void> => {
    setBusy(true);
    const failure = await actOnSweep(action, action === "start" ? sweep.ranges : []);
    setBusy(false);
    setError(failure && setupRefusal(failure));
  };
  const going: Partial<Record<Sweep["state"], SweepAct[]>> = {
    running: ["pause", "stop"],
    paused: ["resume", "stop"],
    done: again ? ["start"] : [],
    stopped: again ? ["start"] : [],
  };
  const acts = going[sweep.state] ?? [];
  if (!mayHandle() || acts.length === 0) return null;
  return (
    <>
      <div class="row wrap">
        {acts.map((action) => (
          <button key={action} class="btn" type="button" disabled={busy} onClick={() => void act(action)}>
            {t(kActs[action])}
          </button>
        ))}
      </div>
      <Refused text={error} />
    </>
  );
}

interface ProgressProps {
  sweep: Sweep;
  /** Whether the same can be searched once more from here. */
  again?: boolean;
}

export function SweepProgress({ sweep, again = false }: ProgressProps): JSX.Element {
  const ended = sweep.state === "done" || sweep.state === "stopped";
  return (
    <div class="sweep">
      <div class="row wrap">
        <State mark={kMarks[sweep.state]}>{t(`sweep.state.${sweep.state}`)}</State>
        <span class="grow" />
        <span class="small muted">{ended ? momentOrNone(sweep.ended) : left(sweep)}</span>
      </div>
      {sweep.total > 0 && (
        <>
          <Bar sweep={sweep} />
          <p class="small" role="status">
            {countText(sweep)}
          </p>
          <p class="hint mono">{sweep.ranges.map((range) => untrusted(range, 40)).join(" ")}</p>
        </>
      )}
      {sweep.unprobed && (
        <div class="note">
          <StateMark mark="notice" />
          <div>{t(`sweep.unprobed.${sweep.unprobed}`)}</div>
        </div>
      )}
      {sweep.left_alone.length > 0 && (
        <div class="note">
          <StateMark mark="minor" />
          <div>{t("sweep.left_alone", { names: sweep.left_alone.join(t("comma")) })}</div>
        </div>
      )}
      {sweep.problem_kinds
        .filter((kind) => kind !== "left_alone" && kind !== "unprobed")
        .map((kind) => (
          <div class="note" key={kind}>
            <StateMark mark="minor" />
            <div>{t(`sweep.problem.${kind as "full" | "unanswered"}`)}</div>
          </div>
        ))}
      <Acts sweep={sweep} again={again} />
    </div>
  );
}
