// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep found: problems first, what is ready ticked already, why each is taken for what it is.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  type Candidate,
  ignore,
  refreshAll,
  type Standing,
  standing,
  takeOver,
  uniqueIds,
  type Wish,
} from "../api/discovery";
import { listed, number, untrusted } from "../format";
import { type Key, t } from "../i18n";
import { benchPath, devicePath } from "../router";
import { type Mark, StateMark } from "../widgets/icons";
import { TextField } from "../widgets/field";
import { Refused } from "../widgets/live";
import { toast } from "../widgets/toast";
import { setupRefusal } from "./setup_words";
import { mayHandle } from "./sweep";

const kOrder: Standing[] = ["problem", "ready", "known", "ignored"];
type Filter = Standing | "all";

const keyOf = (one: Candidate): string => one.addresses[0] ?? "";
const nameOf = (one: Candidate): string => untrusted(one.sys_name, 80) || keyOf(one);
export const byStanding = (all: Candidate[], which: Standing): Candidate[] =>
  all.filter((one) => standing(one) === which);

/** What is ticked, and the work of taking it over. One by one: the station says of each what is wrong with it. */
export function useChoice(all: Candidate[]) {
  const [unticked, setUnticked] = useState<ReadonlySet<string>>(new Set());
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [done, setDone] = useState<number | null>(null);
  const [wishes, setWishes] = useState<ReadonlyMap<string, Wish>>(new Map());
  const wishOf = (one: Candidate): Wish => wishes.get(keyOf(one)) ?? { name: "", location: "" };
  const wish = (one: Candidate, change: Partial<Wish>): void =>
    setWishes(new Map(wishes).set(keyOf(one), { ...wishOf(one), ...change }));
  const chosen = byStanding(all, "ready").filter((one) => !unticked.has(keyOf(one)));
  const toggle = (one: Candidate): void => {
    const next = new Set(unticked);
    if (!next.delete(keyOf(one))) next.add(keyOf(one));
    setUnticked(next);
  };
  const accept = async (): Promise<number> => {
    const wrong = new Map<string, string>();
    const known = all.flatMap((one) => (one.known_as ? [one.known_as] : []));
    const ids = uniqueIds(chosen, known);
    for (const [index, one] of chosen.entries()) {
      setDone(index);
      const failure = await takeOver(keyOf(one), ids[index]!, wishOf(one));
      if (failure) wrong.set(keyOf(one), setupRefusal(failure));
      if (failure?.status === 0) break;
    }
    setErrors(wrong);
    await refreshAll();
    setDone(null);
    return chosen.length - wrong.size;
  };
  return { unticked, toggle, chosen, accept, done, errors, wishOf, wish };
}
export type Choice = ReturnType<typeof useChoice>;

const kTags: Record<Standing, [Mark, string]> = {
  problem: ["minor", "minor"],
  ready: ["ok", "ok"],
  known: ["idle", ""],
  ignored: ["idle", ""],
};

/** What kind its problem is of. */
const troubleOf = (one: Candidate) => (one.difference === "moved" ? "moved" : (one.trouble ?? "silent"));

function tagText(one: Candidate): string {
  const which = standing(one);
  if (which === "known") return t("review.known_as", { id: untrusted(one.known_as, 40) });
  if (which === "problem") return t(`review.is.${troubleOf(one)}`);
  return which === "ready" && one.difference === "new" ? t("review.tag.new") : t(`review.tag.${which}`);
}

function Tag({ one }: { one: Candidate }): JSX.Element {
  const [mark, tone] = kTags[standing(one)];
  return (
    <span class={`tag ${tone}`}>
      <StateMark mark={mark} size={12} />
      {tagText(one)}
    </span>
  );
}

const kSeen: Record<string, string> = { snmp: "SNMP", ping: "ping", asf: "ASF", arp: "ARP" };

function seenWord(word: string): string {
  if (word === "ipmi") return t("review.seen.ipmi");
  const port = /^tcp\/(\d+)( refused)?$/.exec(word);
  if (!port) return kSeen[word] ?? word;
  return port[2] ? t("review.seen.refused", { port: port[1]! }) : `TCP ${port[1]}`;
}

/** How it was seen, in words. */
const seenText = (one: Candidate): string => one.seen.map(seenWord).join(t("comma"));

const metaOf = (one: Candidate): string =>
  standing(one) === "problem"
    ? listed([seenText(one), t(`review.hint.${troubleOf(one)}`)])
    : listed([
        one.sys_name && one.addresses.slice(0, 3).join(" "),
        untrusted(listed([one.vendor, one.model]).replace(" · ", " "), 80),
        one.suggested_class && one.credential && t(`one.${one.suggested_class}`),
      ]);

function Facts({ one }: { one: Candidate }): JSX.Element {
  const rows: [Key, string | null][] = [
    ["col.address", one.addresses.join(" ")],
    ["review.seen", seenText(one)],
    ["review.credential", one.credential],
    ["review.serial", one.serial],
    ["about.version", one.version],
    ["review.description", one.description],
    ["review.object_id", one.object_id],
  ];
  return (
    <dl class="pairs left">
      {rows
        .filter(([, value]) => value)
        .map(([key, value]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>{untrusted(value, 200)}</dd>
          </div>
        ))}
      {one.packs.length > 0 && (
        <div>
          <dt>{t("review.packs")}</dt>
          <dd>
            {one.packs.map((pack, index) => (
              <span key={pack} class="pack">
                <b>{pack}</b> <span class="muted small">{untrusted(one.why[index], 120)}</span>
              </span>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Trouble({ one }: { one: Candidate }): JSX.Element | null {
  if (standing(one) !== "problem") return null;
  return (
    <p class="hint" lang="en">
      {untrusted(one.problem, 200)}
    </p>
  );
}

function IgnoreButton({ one }: { one: Candidate }): JSX.Element | null {
  const [busy, setBusy] = useState(false);
  const which = standing(one);
  if (!mayHandle() || which === "known") return null;
  const act = async (): Promise<void> => {
    setBusy(true);
    const failure = await ignore(keyOf(one), which !== "ignored");
    setBusy(false);
    toast(failure ? setupRefusal(failure) : t(which === "ignored" ? "review.restored" : "review.ignored_now"));
  };
  return (
    <button class="btn small-btn" type="button" disabled={busy} onClick={() => void act()}>
      {t(which === "ignored" ? "review.restore" : "review.ignore")}
    </button>
  );
}

/** Enter ends the line; it does not take everything over. */
function keepForm(event: KeyboardEvent): void {
  if (event.key === "Enter") event.preventDefault();
}

/** What people call it and where it stands, before it is taken over. */
function WishFields({ one, choice }: { one: Candidate; choice: Choice }): JSX.Element | null {
  if (standing(one) !== "ready" || !mayHandle()) return null;
  const { name, location } = choice.wishOf(one);
  return (
    <div class="wish" onKeyDown={keepForm}>
      <TextField name="name" label={t("col.name")} value={name} set={(value) => choice.wish(one, { name: value })} />
      <TextField
        name="location"
        label={t("col.place")}
        value={location}
        set={(value) => choice.wish(one, { location: value })}
      />
    </div>
  );
}

function Row({ one, choice }: { one: Candidate; choice: Choice }): JSX.Element {
  const ready = standing(one) === "ready" && mayHandle();
  const error = choice.errors.get(keyOf(one)) ?? null;
  const name = nameOf(one);
  return (
    <li class="found">
      <label class="pick">
        <input
          type="checkbox"
          disabled={!ready || choice.done !== null}
          checked={ready && !choice.unticked.has(keyOf(one))}
          onChange={() => choice.toggle(one)}
        />
        <span class={one.sys_name ? "strong" : "strong mono"}>{name}</span>
        <Tag one={one} />
        <span class="meta">{metaOf(one)}</span>
      </label>
      <Refused text={error} />
      <details>
        <summary>
          {t("review.why")}
          <span class="vh"> {name}</span>
        </summary>
        <Trouble one={one} />
        <Facts one={one} />
        <WishFields one={one} choice={choice} />
        <div class="row wrap">
          {one.known_as && (
            <a class="btn small-btn" href={devicePath(one.known_as)}>
              {t("review.open")}
            </a>
          )}
          {mayHandle() && one.credential && (
            <a class="btn small-btn" href={benchPath(one.known_as ?? keyOf(one))}>
              {t("nav.workbench")}
            </a>
          )}
          <IgnoreButton one={one} />
        </div>
      </details>
    </li>
  );
}

/** All of them, or those of one standing; which is chosen stays while the list changes. */
export function Review({ all, choice }: { all: Candidate[]; choice: Choice }): JSX.Element {
  const [filter, setFilter] = useState<Filter>("all");
  const groups = kOrder.map((which) => [which, byStanding(all, which)] as const);
  const shown = groups.filter(([which]) => filter === "all" || which === filter).flatMap(([, some]) => some);
  return (
    <div class="review">
      <div class="chips" role="group" aria-label={t("review.filter")}>
        <button class="chip" type="button" aria-pressed={filter === "all"} onClick={() => setFilter("all")}>
          {t("devices.all")}
          <b>{number(all.length)}</b>
        </button>
        {groups
          .filter(([which, some]) => some.length > 0 || which === filter)
          .map(([which, some]) => (
            <button
              key={which}
              class="chip"
              type="button"
              aria-pressed={filter === which}
              onClick={() => setFilter(filter === which ? "all" : which)}
            >
              <StateMark mark={kTags[which][0]} size={13} />
              {t(`review.of.${which}`)}
              <b>{number(some.length)}</b>
            </button>
          ))}
      </div>
      <ul class="picks" aria-label={t("review.title")}>
        {shown.map((one) => (
          <Row key={keyOf(one)} one={one} choice={choice} />
        ))}
      </ul>
    </div>
  );
}

/** What the button that takes over says: how many, or how far it is. */
export const acceptText = (choice: Choice): string =>
  choice.done === null
    ? t("review.accept", { n: choice.chosen.length })
    : t("review.accepting", { n: choice.done + 1, of: choice.chosen.length });
