// SPDX-License-Identifier: GPL-3.0-or-later
// The gap ledger: what was not collected, thinned, dropped or damaged, of the station or of one device, and why.

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { type NumberedList, usePaged } from "../api/paged";
import type { Account, LedgerEntry } from "../api/types";
import { duration, listed, moment, number, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { devicePath, route, setQuery } from "../router";
import { type Mark, StateMark } from "../widgets/icons";
import { DamagedNote, More, spanText } from "../widgets/paged";
import { Empty, Panel } from "../widgets/panel";

const kAccounts: Account[] = ["not_collected", "thinned", "dropped", "damaged"];
/** Most often the newest ones are looked for; more are a button away. */
const kFirstPage = 10;
const kMarks: Record<Account, Mark> = {
  not_collected: "unknown",
  thinned: "notice",
  dropped: "idle",
  damaged: "major",
  unknown: "unknown",
};
const kReasons = [
  "age",
  "size",
  "damage",
  "unfinished_or_damaged",
  "device_down",
  "station_restarted",
  "not_polled",
] as const;

/** In words where the reason is known, else as the station gave it. */
function reasonOf(entry: LedgerEntry): string {
  const known = kReasons.find((name) => name === entry.reason);
  return known ? t(`why.${known}` satisfies Key) : untrusted(entry.reason, 120);
}

function lengthOf({ from, to }: LedgerEntry): string {
  return from && to ? duration((Date.parse(to) - Date.parse(from)) / 1000) : "";
}

function recordsOf({ first_sequence: first, last_sequence: last }: LedgerEntry): string {
  return first !== null && last !== null ? t("gap.records", { first: number(first), last: number(last) }) : "";
}

function Subject({ entry, own }: { entry: LedgerEntry; own: boolean }): JSX.Element {
  const stream = t(`stream.${entry.stream}`);
  if (!entry.device) return <>{t("gap.all", { stream })}</>;
  if (own) return <>{stream}</>;
  return (
    <>
      {stream} · <a href={devicePath(entry.device, "events")}>{untrusted(entry.device_name ?? entry.device, 80)}</a>
    </>
  );
}

function GapRow({ entry, own }: { entry: LedgerEntry; own: boolean }): JSX.Element {
  const open = entry.sequence === null;
  const kept = entry.step_s === null ? "" : t("gap.kept", { step: duration(entry.step_s) });
  return (
    <li>
      <StateMark mark={kMarks[entry.account]} size={16} />
      <div>
        <b>{t(`account.${entry.account}`)}</b>{" "}
        <span class="soft">
          <Subject entry={entry} own={own} />
        </span>
      </div>
      {open ? <span class="tag minor">{t("gap.open")}</span> : <span class="muted small">{lengthOf(entry)}</span>}
      <div class="meta">
        {listed([
          open ? t("gap.since", { from: entry.from ? moment(entry.from) : t("none") }) : spanText(entry.from, entry.to),
          reasonOf(entry),
          kept,
          recordsOf(entry),
        ])}
      </div>
    </li>
  );
}

function Filter({ account }: { account: Account | undefined }): JSX.Element {
  return (
    <label class="select">
      <span class="vh">{t("gap.filter")}</span>
      <select
        class="input"
        value={account ?? ""}
        onChange={(event) => setQuery({ account: event.currentTarget.value })}
      >
        <option value="">{t("gap.any")}</option>
        {kAccounts.map((name) => (
          <option key={name} value={name}>
            {t(`account.${name}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Rows({ list, own }: { list: NumberedList<LedgerEntry>; own: boolean }): JSX.Element {
  return (
    <ul class="rows gaps">
      {list.items.map((entry) => (
        <GapRow key={entry.sequence ?? `${entry.device} ${entry.from}`} entry={entry} own={own} />
      ))}
    </ul>
  );
}

/** Of one device, or of all when none is named. */
export function GapLedger({ device }: { device?: string }): JSX.Element {
  const account = kAccounts.find((name) => name === route.value.query.get("account"));
  const filter = [
    ...(device ? [`device=${encodeURIComponent(device)}&`] : []),
    ...(account ? [`account=${account}&`] : []),
  ];
  const entries = usePaged<LedgerEntry>(`/api/v1/ledger?${filter.join("")}`, kFirstPage);
  // Another filter keeps the old rows, and with them the focus, until the new ones come.
  const left = useRef<NumberedList<LedgerEntry> | null>(null);
  left.current = entries.list ?? left.current;
  const list = left.current;
  const next = entries.list?.next;
  return (
    <Panel
      feed={entries.feed}
      id="ledger"
      title={t("gap.title")}
      skeleton={5}
      meanwhile={list}
      aside={<Filter account={account} />}
      footer={next && <More {...entries} label={t("gap.older")} />}
      empty={(page) =>
        account || page.items.length + page.damaged.length || page.next
          ? null
          : { icon: "inbox", title: t("gap.none"), hint: t("gap.none_hint") }
      }
    >
      {() => (
        <>
          {list!.damaged.length > 0 && (
            <div class="body">
              <DamagedNote spans={list!.damaged} />
            </div>
          )}
          {list!.items.length ? (
            <Rows list={list!} own={device !== undefined} />
          ) : (
            <Empty icon="search" title={t("gap.no_match")} hint={t(next ? "gap.no_match_yet" : "gap.no_match_hint")} />
          )}
        </>
      )}
    </Panel>
  );
}
