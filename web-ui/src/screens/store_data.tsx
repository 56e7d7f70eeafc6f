// SPDX-License-Identifier: GPL-3.0-or-later
// What the station keeps: its space and who takes it, how far back each level of history goes, and its streams.

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Feed } from "../api/feed";
import type { Station, Store, Stream } from "../api/types";
import { age, ageSeconds, bytes, duration, momentOrNone, number, orNone, percent } from "../format";
import { depthsOf, depthText } from "../history";
import { t } from "../i18n";
import { Panel } from "../widgets/panel";
import { State } from "../widgets/state";

/** Of this share on, space is about to be needed; until then nothing is let go because of it. */
const kFullRatio = 0.95;

interface Part {
  name: "journal" | "raw" | "m1" | "m15" | "h1" | "states";
  label: string;
  bytes: number;
  from: string | null;
}

const oldest = (streams: Stream[]): string | null =>
  streams.reduce<string | null>(
    (first, { oldest: at }) => (at && (!first || Date.parse(at) < Date.parse(first)) ? at : first),
    null,
  );

function partsOf(store: Store): Part[] {
  const journal = store.streams.reduce((sum, stream) => sum + stream.bytes, 0);
  return [
    { name: "journal", label: t("part.journal"), bytes: journal, from: oldest(store.streams) },
    ...store.history.map(
      ({ level, bytes: size, from }): Part => ({ name: level, label: t(`part.${level}`), bytes: size, from }),
    ),
    { name: "states", label: t("part.states"), bytes: store.state_bytes, from: null },
  ];
}

/** The whole bar is the limit; what is free stays empty. */
function BudgetBar({ parts, limit }: { parts: Part[]; limit: number }): JSX.Element {
  const bar = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    [...bar.current!.children].forEach((part, index) => {
      const share = limit ? Math.min(1, (parts[index]?.bytes ?? 0) / limit) : 0;
      (part as HTMLElement).style.setProperty("flex-basis", `${share * 100}%`);
    });
  });
  return (
    <span class="budget" ref={bar} aria-hidden="true">
      {parts.map((part) => (
        <i key={part.name} class={`part-${part.name}`} />
      ))}
    </span>
  );
}

function Parts({ parts }: { parts: Part[] }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("data.parts")}>
      <table>
        <thead>
          <tr>
            <th>{t("col.part")}</th>
            <th class="n">{t("col.size")}</th>
            <th class="n">{t("col.depth")}</th>
            <th class="n hide-s">{t("col.oldest")}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.name}>
              <td>
                <span class={`part part-${part.name}`} />
                {part.label}
              </td>
              <td class="n">{bytes(part.bytes)}</td>
              <td class="n">{part.from ? age(ageSeconds(part.from)) : t("dash")}</td>
              <td class="n hide-s">{part.from ? momentOrNone(part.from) : t("dash")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StreamRow({ stream }: { stream: Stream }): JSX.Element {
  const waiting = stream.last_sequence - stream.durable_sequence;
  return (
    <tr>
      <td>{t(`stream.${stream.name}`)}</td>
      <td class="n">{number(stream.last_sequence)}</td>
      <td class="n">{waiting ? t("store.waiting", { n: number(waiting) }) : t("store.all_durable")}</td>
      <td class="n">{bytes(stream.bytes)}</td>
      <td class="n hide-s">{momentOrNone(stream.oldest)}</td>
    </tr>
  );
}

function Streams({ streams }: { streams: Stream[] }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("store.streams")}>
      <table>
        <thead>
          <tr>
            <th>{t("col.stream")}</th>
            <th class="n">{t("col.sequence")}</th>
            <th class="n">{t("col.durable")}</th>
            <th class="n">{t("col.size")}</th>
            <th class="n hide-s">{t("col.oldest")}</th>
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => (
            <StreamRow key={stream.name} stream={stream} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Care({ store }: { store: Store }): JSX.Element {
  const { damaged_places: damaged, failing, impossible_stamps: impossible } = store;
  return (
    <dl class="pairs">
      {failing && (
        <div>
          <dt>{t("data.failing")}</dt>
          <dd>
            <State mark="major">{t("data.failing_value", { since: momentOrNone(failing.since) })}</State>{" "}
            <bdi>{failing.reason}</bdi>
          </dd>
        </div>
      )}
      <div>
        <dt>{t("data.flush")}</dt>
        <dd>{t("data.flush_value", { span: duration(store.flush_interval_s) })}</dd>
      </div>
      <div>
        <dt>{t("data.damaged")}</dt>
        <dd>
          {damaged ? (
            <State mark="major">{t("data.damaged_value", { n: damaged })}</State>
          ) : (
            <State mark="ok">{t("data.damaged_none")}</State>
          )}
        </dd>
      </div>
      {impossible > 0 && (
        <div>
          <dt>{t("data.impossible")}</dt>
          <dd>
            <State mark="major">{t("data.impossible_value", { n: number(impossible) })}</State>
          </dd>
        </div>
      )}
    </dl>
  );
}

function StoreData({ store }: { store: Store }): JSX.Element {
  const parts = partsOf(store);
  const ratio = store.limit_bytes ? store.bytes / store.limit_bytes : null;
  const depth = depthText(depthsOf(store));
  return (
    <>
      <div class="body">
        <div class="budget-head">
          <span>{t("store.used")}</span>
          <b>
            {bytes(store.bytes)} / {bytes(store.limit_bytes)} ({orNone(ratio, percent)})
          </b>
        </div>
        <BudgetBar parts={parts} limit={store.limit_bytes} />
        <p class="hint">
          {depth ? t("data.depth", { depth }) : t("data.no_depth")}{" "}
          {ratio !== null && ratio >= kFullRatio ? t("data.full") : ""}
        </p>
      </div>
      <Parts parts={parts} />
      <div class="body">
        <Care store={store} />
        <h3>{t("store.streams")}</h3>
      </div>
      <Streams streams={store.streams} />
    </>
  );
}

export function DataPanel({ feed }: { feed: Feed<Station> }): JSX.Element {
  return (
    <Panel
      feed={feed}
      id="store"
      title={t("data.title")}
      skeleton={8}
      empty={(station) =>
        station.store ? null : { icon: "disk", title: t("store.gone"), hint: t("verdict.store_gone_hint") }
      }
    >
      {(station) => <StoreData store={station.store!} />}
    </Panel>
  );
}
