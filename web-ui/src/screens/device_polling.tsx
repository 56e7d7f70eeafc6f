// SPDX-License-Identifier: GPL-3.0-or-later
// Why a device is polled as it is: the last request and its answer, what was learned of it, what each part of what is
// read costs, and where the values of a metric come from.

import type { JSX } from "preact";
import { useFeed } from "../api/feed";
import type { DeviceDetail, SeriesPage, Why, WhyPart, WhyRequest, WhySource } from "../api/types";
import { bytes, compare, duration, listed, momentOrNone, number, orNone, short, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { benchPath, route, setQuery } from "../router";
import { StateMark } from "../widgets/icons";
import { Panel } from "../widgets/panel";
import { mayHandle } from "./sweep";

const base = (device: DeviceDetail): string => `/api/v1/devices/${encodeURIComponent(device.id)}`;
const ms = (value: number): string => (value < 1000 ? `${short(value)} ms` : duration(value / 1000));

/** From how many polls without an answer on a device is asked less often. */
const kSilent = 3;

const kFaults = [
  "timeout",
  "deadline",
  "refused",
  "malformed",
  "not_increasing",
  "endless",
  "agent",
  "unknown_engine",
  "time_window",
  "unknown_user",
  "authentication",
  "privacy",
  "security_level",
  "unknown_context",
  "unauthentic",
] as const;

/** In words where the fault is known, else as the station gave it. */
function faultText(fault: string): string {
  const known = kFaults.find((name) => name === fault.split(":")[0]);
  return known ? t(`fault.${known}` satisfies Key) : untrusted(fault, 200);
}

const kParts = ["scalars", "interfaces", "interface names", "storage", "processors", "sensors", "entities"] as const;

function partText(name: string | null): string {
  if (name === null) return t("polling.itself");
  const known = kParts.find((one) => one === name);
  return known ? t(`polled.${known.replace(" ", "_") as "scalars"}`) : untrusted(name, 60);
}

/** What took most of the time; null: nothing took any. */
function slowestPart(parts: WhyPart[]): string | null {
  const slowest = parts.reduce<WhyPart | null>((one, two) => (one && one.time_ms >= two.time_ms ? one : two), null);
  return slowest && slowest.time_ms > 0 ? slowest.name : null;
}

/** Why it is asked less often than configured; null: it is not. */
function Slower({ why }: { why: Why }): JSX.Element | null {
  if (why.interval_s <= why.configured_s) return null;
  const often = { now: duration(why.interval_s), configured: duration(why.configured_s) };
  const silent = why.failures >= kSilent;
  const slowest = silent ? null : slowestPart(why.parts);
  return (
    <div class={silent ? "note major" : "note"}>
      <StateMark mark={silent ? "major" : "notice"} size={16} />
      <div>
        {silent
          ? t("polling.silent", { ...often, n: number(why.failures) })
          : t("polling.strain", { ...often, took: orNone(why.strain_ms, ms) })}
        {slowest && <> {t("polling.slowest", { part: partText(slowest) })}</>}
      </div>
    </div>
  );
}

function Pairs({ rows }: { rows: [Key, string][] }): JSX.Element {
  return (
    <dl class="pairs">
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt>{t(key)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function requestRows(request: WhyRequest): [Key, string][] {
  const reply = request.reply;
  const answer = reply
    ? listed([
        t("polling.after", { time: ms(reply.after_ms) }),
        bytes(reply.bytes),
        reply.error_status !== 0 && t("polling.status", { n: reply.error_status }),
      ])
    : t("polling.unanswered");
  return [
    ["polling.asked", momentOrNone(request.time)],
    ["polling.request", listed([request.pdu, t("polling.oids", { n: request.oids }), bytes(request.bytes)])],
    ["polling.first", request.oid ?? t("none")],
    ["polling.rows", orNone(request.rows, number)],
    ["polling.tries", number(request.tries_before)],
    ["polling.reply", answer],
  ];
}

function pastRows(why: Why, isWrongNow: boolean): [Key, string][] {
  const past = isWrongNow ? null : why.last_error;
  const answered: [Key, string] = [
    "polling.answered",
    why.last_answer ? momentOrNone(why.last_answer) : t("polling.never"),
  ];
  return past ? [answered, ["polling.past_error", `${momentOrNone(past.time)} · ${faultText(past.text)}`]] : [answered];
}

function Exchange({ device, why }: { device: DeviceDetail; why: Why }): JSX.Element {
  const error = device.poll?.error;
  return (
    <div class="body">
      <Slower why={why} />
      {error && (
        <div class="note major">
          <div>
            <b>{faultText(error)}</b> <span class="mono">{untrusted(error, 400)}</span>
          </div>
        </div>
      )}
      <Pairs
        rows={[
          ...(why.request ? requestRows(why.request) : []),
          ...pastRows(why, Boolean(error)),
          ["poll.interval", duration(why.interval_s)],
          ["poll.next", momentOrNone(device.poll?.next)],
        ]}
      />
    </div>
  );
}

function learnedRows(learned: NonNullable<Why["learned"]>): [Key, string][] {
  const engine = learned.engine;
  return [
    ["poll.protocol", learned.version],
    ["polling.bulk", t(learned.getbulk ? "polling.bulk_used" : "polling.bulk_given_up")],
    ["poll.rtt", orNone(learned.rtt_ms, ms)],
    ["polling.waits", ms(learned.timeout_ms)],
    ["polling.scalars", number(learned.scalars_per_request)],
    ["polling.absent", number(learned.absent_scalars)],
    ...(engine
      ? ([
          ["polling.engine", engine.id],
          ["polling.boots", number(engine.boots)],
          ["polling.running", duration(engine.time_s)],
        ] as [Key, string][])
      : []),
  ];
}

const limitText = (part: WhyPart): string =>
  listed([
    part.most_rows !== null && t("polling.most_rows", { n: part.most_rows }),
    part.most_columns !== null && t("polling.most_columns", { n: part.most_columns }),
  ]) || t("dash");

function Parts({ parts }: { parts: WhyPart[] }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("polling.parts")}>
      <table>
        <thead>
          <tr>
            <th>{t("col.part")}</th>
            <th class="n">{t("polling.col_rows")}</th>
            <th class="n">{t("poll.requests")}</th>
            <th class="n hide-s">{t("polling.col_bytes")}</th>
            <th class="n">{t("polling.col_time")}</th>
            <th class="hide-s">{t("polling.col_limit")}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.name}>
              <td>
                {partText(part.name)}
                {part.error && (
                  <div class="row small">
                    <StateMark mark="major" size={12} />
                    {faultText(part.error)}
                  </div>
                )}
              </td>
              <td class="n">{part.name === "scalars" ? t("dash") : number(part.rows)}</td>
              <td class="n">{number(part.requests)}</td>
              <td class="n hide-s">{bytes(part.bytes)}</td>
              <td class="n">{ms(part.time_ms)}</td>
              <td class="hide-s">{limitText(part)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const labelsText = (source: WhySource): string =>
  Object.entries(source.labels)
    .map(([name, value]) => `${name}=${untrusted(value, 60)}`)
    .join(" ") || t("dash");

function Sources({ device, why }: { device: DeviceDetail; why: Why }): JSX.Element {
  const series = useFeed<SeriesPage>(`${base(device)}/series?limit=1`, undefined, 60_000).data.value;
  const chosen = route.value.query.get("metric") ?? "";
  const names = [...new Set((series?.metrics ?? []).concat(chosen || []))].sort(compare);
  return (
    <>
      <div class="body">
        <label class="select">
          <span class="vh">{t("polling.metric")}</span>
          <select class="input" onChange={(event) => setQuery({ metric: event.currentTarget.value })}>
            <option value="" selected={!chosen}>
              {t("polling.choose")}
            </option>
            {names.map((name) => (
              <option key={name} value={name} selected={name === chosen}>
                {untrusted(name, 80)}
              </option>
            ))}
          </select>
        </label>
        {chosen && why.sources.length === 0 && <p class="muted">{t("polling.no_source")}</p>}
      </div>
      {why.sources.length > 0 && (
        <div class="scroller" tabIndex={0} role="group" aria-label={t("polling.sources")}>
          <table>
            <thead>
              <tr>
                <th>{t("polling.col_labels")}</th>
                <th>OID</th>
                <th class="n hide-s">{t("polling.col_scale")}</th>
                <th class="hide-s">{t("col.part")}</th>
              </tr>
            </thead>
            <tbody>
              {why.sources.map((source) => (
                <tr key={`${source.oid} ${labelsText(source)}`}>
                  <td>{labelsText(source)}</td>
                  <td class="mono">{source.oid ?? t("dash")}</td>
                  <td class="n hide-s">{String(source.scale)}</td>
                  <td class="hide-s">
                    {listed([
                      partText(source.part),
                      source.origin === "built-in" ? t("polling.built_in") : source.origin,
                    ])}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function ToWorkbench({ device }: { device: DeviceDetail }): JSX.Element | null {
  if (!mayHandle()) return null;
  return (
    <a class="btn small-btn" href={benchPath(device.id)}>
      {t("nav.workbench")}
    </a>
  );
}

export function DevicePolling({ device }: { device: DeviceDetail }): JSX.Element {
  const metric = route.value.query.get("metric");
  const feed = useFeed<Why>(`${base(device)}/why${metric ? `?metric=${encodeURIComponent(metric)}` : ""}`);
  const learned = feed.data.value?.learned;
  return (
    <>
      <div class="columns even">
        <Panel feed={feed} title={t("polling.exchange")} skeleton={6}>
          {(why) => <Exchange device={device} why={why} />}
        </Panel>
        {(learned || !feed.data.value) && (
          <Panel feed={feed} title={t("polling.learned")} skeleton={6} aside={<ToWorkbench device={device} />}>
            {(why) => <div class="body">{why.learned && <Pairs rows={learnedRows(why.learned)} />}</div>}
          </Panel>
        )}
      </div>
      <Panel
        feed={feed}
        title={t("polling.parts")}
        empty={(why) =>
          why.parts.length ? null : { icon: "clock", title: t("polling.no_parts"), hint: t("polling.no_parts_hint") }
        }
      >
        {(why) => <Parts parts={why.parts} />}
      </Panel>
      <Panel feed={feed} title={t("polling.sources")} skeleton={2}>
        {(why) => <Sources device={device} why={why} />}
      </Panel>
    </>
  );
}
