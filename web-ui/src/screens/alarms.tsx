// SPDX-License-Identifier: GPL-3.0-or-later
// The alarms: filtered, sorted and paged by the station; one of them beside the list, or in its place on a phone. The choice
// stands in the address.

import "../kernel";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { type Feed, useFeed } from "../api/feed";
import type { Alarm, AlarmCounts, AlarmPage, AlarmScope, Severity } from "../api/types";
import { age, ageSeconds, momentOrNone, number, zoneName } from "../format";
import { t } from "../i18n";
import { alarmPath, route, setQuery } from "../router";
import { useOverview } from "../shell";
import { alarmPlace, alarmTitle, BehindNote, Handling } from "../widgets/alarm";
import { Icon, StateMark } from "../widgets/icons";
import { Pager } from "../widgets/pager";
import { type EmptyText, Panel } from "../widgets/panel";
import { severityMark } from "../widgets/state";
import { Title, useTitle } from "../widgets/title";
import { AlarmPanel } from "./alarm";

const kPageSize = 50;
const kScopes: AlarmScope[] = ["active", "shelved", "cleared"];
const kSeverities: Severity[] = ["critical", "major", "minor", "warning"];

const query = (name: string): string => route.value.query.get(name) ?? "";
const filter = (name: string, value: string): void => setQuery({ [name]: value, cursor: "" });
const scopeNow = (): AlarmScope => kScopes.find((name) => name === query("scope")) ?? "active";

function listPath(): string {
  const asked = new URLSearchParams({ limit: String(kPageSize), scope: scopeNow() });
  for (const name of ["severity", "untaken", "cursor"]) if (query(name)) asked.set(name, query(name));
  return `/api/v1/alarms?${asked}`;
}

const activeOf = (counts: AlarmCounts): number => counts.critical + counts.major + counts.minor + counts.warning;

function Scopes({ counts }: { counts: AlarmCounts | null }): JSX.Element {
  const number_of = counts && { active: activeOf(counts), shelved: counts.shelved, cleared: counts.cleared };
  return (
    <div class="segments" role="group" aria-label={t("alarms.scope")}>
      {kScopes.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={scopeNow() === name}
          onClick={() => filter("scope", name === "active" ? "" : name)}
        >
          <span>
            {t(`alarms.${name}`)} {number_of && number(number_of[name])}
          </span>
        </button>
      ))}
    </div>
  );
}

function Filters({ counts }: { counts: AlarmCounts | null }): JSX.Element {
  // What the numbers count are the active ones.
  const counted = scopeNow() === "active" ? counts : null;
  return (
    <div class="chips" role="group" aria-label={t("alarms.filters")}>
      {kSeverities.map((name) => (
        <button
          key={name}
          class="chip"
          type="button"
          aria-pressed={query("severity") === name}
          onClick={() => filter("severity", query("severity") === name ? "" : name)}
        >
          <StateMark mark={severityMark[name]} size={13} />
          {t(`severity.${name}`)}
          {counted && <b>{number(counted[name])}</b>}
        </button>
      ))}
      {scopeNow() === "active" && (
        <button
          class="chip"
          type="button"
          aria-pressed={query("untaken") === "1"}
          onClick={() => filter("untaken", query("untaken") ? "" : "1")}
        >
          <Icon name="user" size={13} />
          {t("alarm.untaken")}
          {counted && <b>{number(counted.untaken)}</b>}
        </button>
      )}
    </div>
  );
}

function Row({ alarm, chosen }: { alarm: Alarm; chosen: boolean }): JSX.Element {
  return (
    <tr class={chosen ? "is-chosen" : ""}>
      <td class="c-mark">
        <StateMark mark={severityMark[alarm.severity]} size={16} />
        <span class="vh">{t(`severity.${alarm.severity}`)}</span>
      </td>
      <td class="c-name">
        <a class="strong" data-row href={alarmPath(alarm.id)} {...(chosen && { "aria-current": "true" as const })}>
          {alarmTitle(alarm)}
        </a>
        <span class="muted small reason">{alarmPlace(alarm)}</span>
      </td>
      <td class="c-since">{momentOrNone(alarm.raised)}</td>
      <td class="hide-s">{alarm.raised && age(spanOf(alarm))}</td>
      <td class="c-hands">
        <Handling alarm={alarm} />
      </td>
    </tr>
  );
}

/** Of one that is over: how long it was open. */
function spanOf(alarm: Alarm): number {
  const open = ageSeconds(alarm.raised!);
  return alarm.open || !alarm.since ? open : open - ageSeconds(alarm.since);
}

function Rows({ page }: { page: AlarmPage }): JSX.Element {
  const { screen } = route.value;
  const chosen = screen.name === "alarms" ? screen.id : "";
  return (
    <table class="alarm-table">
      <thead>
        <tr>
          <th>
            <span class="vh">{t("col.severity")}</span>
          </th>
          <th>{t("nav.alarms")}</th>
          <th>{t("col.since", { zone: zoneName() })}</th>
          <th class="hide-s">{t("col.span")}</th>
          <th>{t("col.handling")}</th>
        </tr>
      </thead>
      <tbody>
        {page.items.map((alarm) => (
          <Row key={alarm.id} alarm={alarm} chosen={alarm.id === chosen} />
        ))}
      </tbody>
    </table>
  );
}

const shownText = (page: AlarmPage): string =>
  t("alarms.shown", { n: number(page.items.length), total: number(page.total) });

function emptyText(page: AlarmPage): EmptyText | null {
  if (page.items.length) return null;
  if (query("severity") || query("untaken") || query("cursor"))
    return {
      icon: "search",
      title: t("alarms.no_match"),
      hint: t("alarms.no_match_hint"),
      action: (
        <button class="btn" type="button" onClick={() => setQuery({ severity: "", untaken: "", cursor: "" })}>
          {t("devices.clear")}
        </button>
      ),
    };
  const scope = scopeNow();
  return { icon: "alarms", title: t(`alarms.none_${scope}`), hint: t(`alarms.none_${scope}_hint`) };
}

function List({ feed, shown }: { feed: Feed<AlarmPage>; shown: AlarmPage | null }): JSX.Element {
  return (
    <Panel
      feed={feed}
      title={t(`alarms.title_${scopeNow()}`)}
      meanwhile={shown}
      skeleton={8}
      footer={shown && <Pager shown={shownText(shown)} next={shown.next} />}
      empty={(page) => (page.behind ? null : emptyText(page))}
    >
      {(page) => (
        <>
          {page.behind && <BehindNote />}
          <Rows page={page} />
        </>
      )}
    </Panel>
  );
}

/** While they are not evaluated nobody knows that there is none. */
function summary(page: AlarmPage | null): string {
  if (!page) return "";
  const active = activeOf(page.counts);
  if (active) return t("alarms.summary", { n: active, untaken: page.counts.untaken });
  return page.behind ? "" : t("alarms.none_active");
}

export function Alarms(): JSX.Element {
  useTitle(t("nav.alarms"));
  const feed = useFeed<AlarmPage>(listPath());
  // Filtering and paging keep the old rows, and with them the focus, until the new ones come.
  const left = useRef<AlarmPage | null>(null);
  left.current = feed.data.value ?? left.current;
  const counts = left.current?.counts ?? null;
  const overview = useOverview();
  const changed = (): void => {
    for (const one of [feed, overview]) void one.refresh();
  };
  const { screen } = route.value;
  const id = screen.name === "alarms" ? screen.id : "";
  return (
    <div class={`alarms${id ? " has-one" : ""}`}>
      <div class="page-head alarm-head">
        <div>
          <Title>{t("nav.alarms")}</Title>
          <p>{summary(left.current)}</p>
        </div>
        <span class="grow" />
        <Scopes counts={counts} />
      </div>
      <Filters counts={counts} />
      <div class="alarm-columns">
        <List feed={feed} shown={left.current} />
        {id && <AlarmPanel key={id} id={id} changed={changed} />}
      </div>
    </div>
  );
}
