// SPDX-License-Identifier: GPL-3.0-or-later
// An alarm in words: what and where, the value, who has it.

import type { JSX } from "preact";
import type { Alarm } from "../api/types";
import { bits, bytes, duration, listed, moment, percent, short, untrusted } from "../format";
import { language, t } from "../i18n";
import { StateMark } from "./icons";

export const ruleName = (alarm: Alarm): string => untrusted(alarm.name[language.value] || alarm.rule, 80);

export function alarmTitle(alarm: Alarm): string {
  const name = ruleName(alarm);
  return alarm.device_name ? t("alarm.title", { device: untrusted(alarm.device_name, 80), name }) : name;
}

/** A value in the unit that its metric's name ends with. */
function quantity(value: number, unit: string | null): string {
  if (unit === "celsius") return `${short(value)} °C`;
  if (unit === "ratio") return percent(value);
  if (unit === "bytes") return bytes(value);
  if (unit === "bits_per_second") return bits(value);
  if (unit === "seconds") return duration(value);
  const signs: Record<string, string> = { volts: " V", amperes: " A", watts: " W", hertz: " Hz", rpm: " rpm" };
  return `${short(value)}${signs[unit ?? ""] ?? ""}`;
}

export function measured(alarm: Alarm): string {
  const { value, limit, unit } = alarm;
  if (value === null) return "";
  const shown = quantity(value, unit);
  return limit === null ? shown : t("alarm.value", { value: shown, limit: quantity(limit, unit) });
}

export const alarmPlace = (alarm: Alarm): string =>
  listed([
    untrusted(alarm.component, 80),
    measured(alarm),
    alarm.reopened > 0 && t("alarm.reopened", { n: alarm.reopened }),
  ]);

/** Who has it, or why nobody needs to; and whether its newest step is on disk. */
export function Handling({ alarm }: { alarm: Alarm }): JSX.Element {
  return (
    <>
      {!alarm.volatile && <Hands alarm={alarm} />}{" "}
      {!alarm.recorded && <span class="tag minor">{t("alarm.not_recorded")}</span>}
    </>
  );
}

function Hands({ alarm }: { alarm: Alarm }): JSX.Element {
  if (!alarm.open) return <span class="tag ok">{t("alarm.cleared")}</span>;
  if (alarm.shelved_until) return <span class="tag">{t("alarm.muted", { until: moment(alarm.shelved_until) })}</span>;
  const person = alarm.assignee ?? alarm.acknowledged_by;
  if (person) return <span class="tag notice clip">{t("alarm.has", { who: untrusted(person, 40) })}</span>;
  return <span class={alarm.severity === "critical" ? "tag crit" : "tag"}>{t("alarm.untaken")}</span>;
}

/** alertd does not see what happens now. */
export function BehindNote(): JSX.Element {
  return (
    <div class="body">
      <div class="note major" role="status">
        <StateMark mark="major" />
        <span>{t("alarms.behind")}</span>
      </div>
    </div>
  );
}
