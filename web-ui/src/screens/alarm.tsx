// SPDX-License-Identifier: GPL-3.0-or-later
// One alarm: what it says and since when, what can be done about it, and each step of its life.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useFeed } from "../api/feed";
import type { Alarm, AlarmDetail, AlarmStep } from "../api/types";
import { age, ageSeconds, listed, moment, momentOrNone, untrusted } from "../format";
import { t } from "../i18n";
import { alarmPath, devicePath } from "../router";
import { alarmTitle, BehindNote, Handling, measured } from "../widgets/alarm";
import { Icon, type Mark, StateMark } from "../widgets/icons";
import { DamagedNote } from "../widgets/paged";
import { Panel } from "../widgets/panel";
import { severityMark } from "../widgets/state";
import { AlarmActs } from "./alarm_acts";

function Fact({ name, children }: { name: string; children: JSX.Element | string }): JSX.Element | null {
  return children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;
}

const by = (who: string | null, time: string | null): string =>
  who ? listed([untrusted(who, 80), time && moment(time)]) : "";

function Facts({ alarm }: { alarm: Alarm }): JSX.Element {
  return (
    <dl class="pairs">
      <Fact name={t("col.severity")}>{t(`severity.${alarm.severity}`)}</Fact>
      <Fact name={t("col.handling")}>{<Handling alarm={alarm} />}</Fact>
      <Fact name={t("alarm.device")}>
        {alarm.device ? <a href={devicePath(alarm.device)}>{untrusted(alarm.device_name ?? alarm.device, 80)}</a> : ""}
      </Fact>
      <Fact name={t("alarm.component")}>{untrusted(alarm.component, 120)}</Fact>
      <Fact name={t("alarm.measured")}>{measured(alarm)}</Fact>
      <Fact name={t("alarm.since")}>
        {alarm.since ? `${moment(alarm.since)} (${age(ageSeconds(alarm.since))})` : ""}
      </Fact>
      <Fact name={t("alarm.raised")}>{momentOrNone(alarm.raised)}</Fact>
      <Fact name={t("alarm.taken")}>{by(alarm.acknowledged_by, alarm.acknowledged)}</Fact>
      <Fact name={t("alarm.assignee")}>{untrusted(alarm.assignee, 80)}</Fact>
      <Fact name={t("alarm.rule")}>{<span class="mono">{untrusted(alarm.rule, 64)}</span>}</Fact>
    </dl>
  );
}

function markOf(step: AlarmStep): Mark {
  if (step.step === "cleared") return "ok";
  const found = step.step === "raised" || step.step === "reopened" || step.step === "escalated";
  return found ? severityMark[step.severity] : "idle";
}

function stepText(step: AlarmStep): string {
  const values = {
    severity: t(`severity.${step.severity}`),
    who: step.assignee ? untrusted(step.assignee, 80) : t("alarm.nobody"),
    until: momentOrNone(step.shelved_until),
  };
  return t(`step.${step.step}`, values);
}

function Life({ steps, complete }: { steps: AlarmStep[]; complete: boolean }): JSX.Element {
  return (
    <>
      <ol class="timeline">
        {steps.map((step) => (
          <li key={step.sequence}>
            <time dateTime={step.time ?? ""}>{momentOrNone(step.time)}</time>
            <StateMark mark={markOf(step)} />
            <div>
              <span>{stepText(step)}</span>
              <span class="muted">
                {t("comma")}
                {step.by ? untrusted(step.by, 80) : t("alarm.by_rule")}
              </span>
              {step.text && <p class="said">{untrusted(step.text, 1000)}</p>}
            </div>
          </li>
        ))}
      </ol>
      {!complete && <p class="hint">{t("alarm.older_steps")}</p>}
    </>
  );
}

function Record({ detail }: { detail: AlarmDetail }): JSX.Element {
  if (detail.alarm.volatile) return <p class="muted small">{t("alarm.volatile")}</p>;
  return (
    <>
      <h3>{t("alarm.record")}</h3>
      <DamagedNote spans={detail.damaged} />
      {detail.record ? (
        <Life steps={detail.record} complete={detail.complete} />
      ) : (
        <p class="muted small">{t("alarm.no_record")}</p>
      )}
    </>
  );
}

function Head({ alarm }: { alarm: Alarm }): JSX.Element {
  return (
    <span class="state alarm-title">
      <StateMark mark={severityMark[alarm.severity]} size={20} />
      {alarmTitle(alarm)}
    </span>
  );
}

export function AlarmPanel({ id, changed }: { id: string; changed: () => void }): JSX.Element {
  const feed = useFeed<AlarmDetail>(`/api/v1/alarms/${encodeURIComponent(id)}`);
  const back = useRef<HTMLAnchorElement>(null);
  const place = useRef<HTMLElement>(null);
  // On a phone it stands in the list's place: the focus goes with the eyes.
  useEffect(() => {
    if (!back.current?.offsetParent) return;
    place.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [id]);
  const alarm = feed.data.value?.alarm;
  const done = (): void => {
    void feed.refresh();
    changed();
  };
  return (
    <aside class="alarm-one" ref={place} tabIndex={-1} aria-label={t("alarm.label")}>
      <a class="alarm-back" ref={back} href={alarmPath("")}>
        <Icon name="back" />
        {t("alarm.back")}
      </a>
      <Panel
        feed={feed}
        title={alarm ? <Head alarm={alarm} /> : t("alarm.label")}
        aside={
          <a class="quiet alarm-close" href={alarmPath("")} aria-label={t("close")}>
            <Icon name="close" />
          </a>
        }
        skeleton={8}
      >
        {(detail) => (
          <>
            {detail.behind && <BehindNote />}
            <div class="body">
              <Facts alarm={detail.alarm} />
              {!detail.alarm.volatile && <AlarmActs alarm={detail.alarm} done={done} />}
              <Record detail={detail} />
            </div>
          </>
        )}
      </Panel>
    </aside>
  );
}
