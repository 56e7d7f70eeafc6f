// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench: a device is recorded, packs are looked at, and a draft is tried on what was recorded.

import "../kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  type FoundCount,
  isGoing,
  kRecordingText,
  type PackUse,
  type Recording,
  record,
  useExplained,
  useRecording,
} from "../api/workbench";
import { listed, momentOrNone, number, untrusted } from "../format";
import { language, t } from "../i18n";
import { route } from "../router";
import { TextField } from "../widgets/field";
import { type Mark, StateMark } from "../widgets/icons";
import { Refused } from "../widgets/live";
import { Panel, PanelFrame } from "../widgets/panel";
import { State } from "../widgets/state";
import { Title, useTitle } from "../widgets/title";
import { mayHandle } from "./sweep";
import { Draft } from "./workbench_draft";
import { benchRefusal } from "./workbench_words";

const kMarks: Record<Recording["state"], Mark> = {
  never: "idle",
  running: "notice",
  working: "notice",
  done: "ok",
  failed: "minor",
  cancelled: "idle",
};

function Start({ recording }: { recording: Recording }): JSX.Element | null {
  const [subject, setSubject] = useState(route.value.query.get("subject") ?? recording.subject ?? "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const failure = await record("start", subject.trim());
    setBusy(false);
    setError(failure && benchRefusal(failure));
  };
  return (
    <form class="bench-start" onSubmit={(event) => void start(event)}>
      <TextField
        name="subject"
        label={t("bench.subject")}
        hint={t("bench.subject_hint")}
        value={subject}
        set={setSubject}
        most={64}
        required
        mono
      />
      <div class="row wrap">
        <button class="btn primary" disabled={busy || !subject.trim()}>
          {t(recording.state === "never" ? "bench.record" : "bench.record_again")}
        </button>
      </div>
      <Refused text={error} />
    </form>
  );
}

function Cancel(): JSX.Element {
  const [error, setError] = useState<string | null>(null);
  const cancel = async (): Promise<void> => {
    const failure = await record("cancel");
    setError(failure && benchRefusal(failure));
  };
  return (
    <>
      <button class="btn" type="button" onClick={() => void cancel()}>
        {t("bench.cancel")}
      </button>
      <Refused text={error} />
    </>
  );
}

function Progress({ recording }: { recording: Recording }): JSX.Element {
  const { state, values, requests, replaced, left_out } = recording;
  return (
    <div class="sweep">
      <div class="row wrap">
        <State mark={kMarks[state]}>{t(`bench.state.${state}`)}</State>
        <b class="mono">{untrusted(recording.subject, 64)}</b>
        <span class="grow" />
        <span class="small muted">{momentOrNone(recording.ended)}</span>
      </div>
      <p class="small" role="status">
        {listed([
          t("bench.values", { n: number(values) }),
          t("bench.requests", { n: number(requests) }),
          state === "done" && t("bench.replaced", { n: number(replaced) }),
          state === "done" && left_out > 0 && t("bench.left_out", { n: number(left_out) }),
        ])}
      </p>
      {state === "running" && <p class="hint mono cut">{untrusted(recording.at, 80)}</p>}
      {recording.problem && (
        <p class="hint" lang="en">
          {untrusted(recording.problem, 200)}
        </p>
      )}
      {recording.notes.map((note) => (
        <div class="note" key={note}>
          <StateMark mark="minor" />
          <div lang="en">{untrusted(note, 200)}</div>
        </div>
      ))}
      {state === "running" && <Cancel />}
      {state === "done" && (
        <div class="row wrap">
          <a class="btn" href={kRecordingText} download={`${recording.subject}.snmprec`}>
            {t("bench.download")}
          </a>
        </div>
      )}
    </div>
  );
}

export const countsText = (counts: FoundCount[]): string =>
  listed(counts.map(({ kind, count }) => `${t(`bench.kind.${kind}`)} ${number(count)}`)) || t("bench.nothing");

function PackRow({ pack }: { pack: PackUse }): JSX.Element {
  const title = (language.value === "zh" && pack.title_zh) || pack.title;
  return (
    <li>
      <div class="row wrap">
        <b>{untrusted(title, 80) || pack.name}</b> <span class="mono small muted">{pack.name}</span>
      </div>
      <p class="small">{countsText(pack.finds)}</p>
      <p class="hint" lang="en">
        {untrusted(pack.why, 160)}
      </p>
    </li>
  );
}

function Made({ recording }: { recording: Recording }): JSX.Element {
  const explained = useExplained(recording);
  return (
    <>
      <Panel feed={explained} title={t("bench.packs")}>
        {(now) => (
          <div class="body">
            <p>
              <b>{untrusted(listed([now.vendor, now.model, now.version]), 160) || t("bench.unknown")}</b>
            </p>
            <p class="small">{t("bench.together", { finds: countsText(now.finds) })}</p>
            <ul class="bench-packs">
              {now.packs.map((pack) => (
                <PackRow key={pack.name} pack={pack} />
              ))}
            </ul>
          </div>
        )}
      </Panel>
      <Panel feed={explained} title={t("bench.draft")}>
        {(now) => <Draft key={recording.started} recording={recording} first={now.draft} />}
      </Panel>
    </>
  );
}

function Bench(): JSX.Element {
  const feed = useRecording();
  const recording = feed.data.value;
  return (
    <div class="stack">
      <Panel feed={feed} title={t("bench.recording")} first>
        {(now) => (
          <div class="body">
            {now.state !== "never" && <Progress recording={now} />}
            {!isGoing(now) && <Start recording={now} />}
          </div>
        )}
      </Panel>
      {recording?.state === "done" && <Made key={recording.started} recording={recording} />}
    </div>
  );
}

export function Workbench(): JSX.Element {
  useTitle(t("nav.workbench"));
  return (
    <>
      <div class="page-head">
        <Title>{t("nav.workbench")}</Title>
        <p>{t("bench.hint")}</p>
      </div>
      {mayHandle() ? (
        <Bench />
      ) : (
        <PanelFrame title={t("bench.recording")} first>
          <div class="blank">
            <b>{t("bench.not_for_you")}</b>
            <p>{t("bench.not_for_you_hint")}</p>
          </div>
        </PanelFrame>
      )}
    </>
  );
}
