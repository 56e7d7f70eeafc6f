// SPDX-License-Identifier: GPL-3.0-or-later
// The sentence that opens the overview: what is wrong, since when and why, or that nothing is.

import type { ComponentChildren, JSX } from "preact";
import type { Overview as Data, Problem } from "../api/types";
import { age, ageSeconds, duration, moment, untrusted } from "../format";
import { t } from "../i18n";
import { devicePath } from "../router";
import { session } from "../session";
import { type Mark, StateMark } from "../widgets/icons";
import { staleAge } from "../widgets/panel";
import { reasonText, severityMark } from "../widgets/state";
import { Title } from "../widgets/title";

/** A sentence is read at a glance: of longer names and places the screens of the devices show all. */
const kNameLimit = 60;
const kPlaceLimit = 80;

interface VerdictText {
  mark: Mark;
  title: string;
  detail: string;
  actions?: ComponentChildren;
}

function since(problem: Problem): string {
  if (!problem.since) return "";
  return t("verdict.since", { time: moment(problem.since), span: duration(ageSeconds(problem.since)) });
}

const why = (problem: Problem): string =>
  problem.reason ? t("verdict.reason", { reason: reasonText(problem.reason) }) : "";

function downVerdict(data: Data, worst: Problem): VerdictText {
  const one = data.devices.down === 1;
  const name = untrusted(worst.name, kNameLimit);
  return {
    mark: "crit",
    title: one ? t("verdict.one_down", { name }) : t("verdict.many_down", { n: data.devices.down, name }),
    detail: [
      since(worst),
      why(worst),
      worst.location ? t("verdict.place", { place: untrusted(worst.location, kPlaceLimit) }) : "",
    ]
      .filter(Boolean)
      .join(t("sentence.gap")),
    actions: (
      <>
        <a class="btn primary" href={devicePath(worst.device)}>
          {t("verdict.open", { name })}
        </a>
        {!one && (
          <a class="btn" href="/devices?state=down">
            {t("verdict.all", { n: data.devices.down })}
          </a>
        )}
      </>
    ),
  };
}

const checkedAt = (data: Data): string =>
  data.data_time ? t("verdict.checked", { time: moment(data.data_time) }) : "";

/** Of devices that answer, which is no news, and alarms that somebody has to see to. */
function alarmVerdict(data: Data, severity: "critical" | "major", n: number): VerdictText {
  const { up, total } = data.devices;
  return {
    mark: severityMark[severity],
    title: t(`verdict.alarms.${severity}`, { n }),
    detail: [t("verdict.unknown_hint", { up, total }), checkedAt(data)].filter(Boolean).join(t("sentence.gap")),
    actions: (
      <a class="btn primary" href={`/alarms?severity=${severity}`}>
        {t("verdict.open_alarms")}
      </a>
    ),
  };
}

function noneVerdict(): VerdictText {
  const text: VerdictText = { mark: "unknown", title: t("verdict.none"), detail: t("verdict.none_hint") };
  if (session.value?.role !== "admin") return text;
  const start = (
    <a class="btn primary" href="/setup">
      {t("setup.title")}
    </a>
  );
  return { ...text, actions: start };
}

function verdict(data: Data): VerdictText {
  const { total, down, unknown, up } = data.devices;
  const checked = checkedAt(data);
  const old = staleAge(data.data_time, data.poll_interval_s);
  const worst = data.problems.find((problem) => problem.state === "down");
  if (!data.store_connected)
    return { mark: "major", title: t("verdict.store_gone"), detail: t("verdict.store_gone_hint") };
  if (total === 0) return noneVerdict();
  if (old !== null)
    return { mark: "unknown", title: t("verdict.stale", { age: age(old) }), detail: t("verdict.stale_hint") };
  if (down > 0 && worst) return downVerdict(data, worst);
  for (const severity of ["critical", "major"] as const) {
    const n = data.alarms?.[severity] ?? 0;
    if (n > 0) return alarmVerdict(data, severity, n);
  }
  if (unknown > 0) {
    const open = (
      <a class="btn" href="/devices?state=unknown">
        {t("verdict.unknown_open")}
      </a>
    );
    return {
      mark: "unknown",
      title: t("verdict.unknown", { n: unknown }),
      detail: [t("verdict.unknown_hint", { up, total }), checked].join(t("sentence.gap")),
      actions: open,
    };
  }
  if (!data.alarms) return { mark: "unknown", title: t("verdict.no_alarms", { n: total }), detail: checked };
  return { mark: "ok", title: t("verdict.ok", { n: total }), detail: checked };
}

export function Verdict({ data }: { data: Data }): JSX.Element {
  const { mark, title, detail, actions } = verdict(data);
  return (
    <section class={`verdict is-${mark}`}>
      <div class="verdict-mark">
        <StateMark mark={mark} size={56} />
      </div>
      <div class="verdict-text">
        <Title>{title}</Title>
        <p>{detail}</p>
      </div>
      {actions && <div class="verdict-actions">{actions}</div>}
    </section>
  );
}
