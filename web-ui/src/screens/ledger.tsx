// SPDX-License-Identifier: GPL-3.0-or-later
// The key figures under the verdict: one panel with hairlines, each figure leading to its screen.

import type { ComponentChildren, JSX } from "preact";
import type { AlarmCounts, Overview as Data, Severity } from "../api/types";
import { number, orNone, short } from "../format";
import { t } from "../i18n";
import { StateMark } from "../widgets/icons";
import { staleAge } from "../widgets/panel";
import { severityMark } from "../widgets/state";

function Figure({
  href,
  title,
  children,
  note,
}: {
  href: string;
  title: string;
  children: ComponentChildren;
  note: string;
}): JSX.Element {
  return (
    <a href={href}>
      <h2>{title}</h2>
      <div class="figure">{children}</div>
      <p>{note}</p>
    </a>
  );
}

const kSeverities: Severity[] = ["critical", "major", "minor", "warning"];

/** The active ones by severity; none of a severity is not told. */
function AlarmFigure({ counts }: { counts: AlarmCounts | null }): JSX.Element {
  const shown = kSeverities.filter((severity) => counts?.[severity]);
  const note = !counts ? "ledger.alarms_gone" : shown.length ? "ledger.untaken" : "alarms.none_active";
  return (
    <Figure href="/alarms" title={t("alarms.title_active")} note={t(note, { n: counts?.untaken ?? 0 })}>
      <span class={shown.length ? "big severities" : "big muted"}>
        {shown.map((severity) => (
          <span key={severity} class={`is-${severityMark[severity]}`}>
            <StateMark mark={severityMark[severity]} size={16} />
            <span class="vh">{t(`severity.${severity}`)}</span> {number(counts![severity])}
          </span>
        ))}
        {!shown.length && (counts ? number(0) : t("none"))}
      </span>
    </Figure>
  );
}

export function Ledger({ data }: { data: Data }): JSX.Element {
  const old = !data.store_connected || staleAge(data.data_time, data.poll_interval_s) !== null;
  const { total, up, down, unknown } = data.devices;
  const counts = [down ? t("ledger.down", { n: down }) : "", unknown ? t("ledger.unknown", { n: unknown }) : ""].filter(
    Boolean,
  );
  return (
    <section class={`panel ledger${old ? " is-stale" : ""}`} aria-label={t("ledger.label")}>
      <Figure href="/devices" title={t("nav.devices")} note={counts.join(t("comma")) || t("ledger.all_up")}>
        <span class="big">
          {number(up)}
          <small>{t("ledger.reachable", { n: number(total) })}</small>
        </span>
      </Figure>
      <AlarmFigure counts={data.alarms} />
      <Figure href="/devices" title={t("ledger.values")} note={t("ledger.series", { n: number(data.series) })}>
        <span class="big">
          {orNone(data.samples_per_second, short)}
          {data.samples_per_second !== null && <small>{t("ledger.per_second")}</small>}
        </span>
      </Figure>
      <Figure
        href="/settings#store"
        title={t("ledger.store")}
        note={t(data.store_connected ? "ledger.store_note" : "ledger.store_gone")}
      >
        <span class="big">
          {data.durable_lag_s === null ? (
            t("none")
          ) : (
            <>
              {short(data.durable_lag_s)}
              <small> {t("span.s_unit")}</small>
            </>
          )}
        </span>
      </Figure>
    </section>
  );
}
