// SPDX-License-Identifier: GPL-3.0-or-later
// Looking for devices again, once the station is set up: where, how far it is, and what was found.

import "../kernel";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  actOnSweep,
  type Candidate,
  type Setup,
  type Sweep,
  useCandidates,
  useDifferences,
  useSetup,
  useSweep,
} from "../api/discovery";
import { listed, momentOrNone, number } from "../format";
import { t } from "../i18n";
import { session } from "../session";
import { Refused } from "../widgets/live";
import { Panel, PanelFrame } from "../widgets/panel";
import { toast } from "../widgets/toast";
import { Title, useTitle } from "../widgets/title";
import { Differences } from "./differences";
import { acceptText, Review, useChoice } from "./review";
import { setupRefusal } from "./setup_words";
import { mayHandle, SweepProgress } from "./sweep";

function ChangeScope(): JSX.Element | null {
  if (session.value?.role !== "admin") return null;
  return (
    <a class="btn small-btn" href="/setup?step=subnets">
      {t("discovery.change")}
    </a>
  );
}

/** The subnets of all scopes; a sweep asks those that are ticked. */
function Places({ setup }: { setup: Setup }): JSX.Element {
  const [unticked, setUnticked] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const places = setup.scopes.flatMap((scope) => scope.subnets.map((subnet) => ({ subnet, scope })));
  const chosen = [...new Set(places.map(({ subnet }) => subnet))].filter((subnet) => !unticked.has(subnet));
  const toggle = (subnet: string): void => {
    const next = new Set(unticked);
    if (!next.delete(subnet)) next.add(subnet);
    setUnticked(next);
  };
  const start = async (): Promise<void> => {
    setBusy(true);
    const failure = await actOnSweep("start", chosen);
    setBusy(false);
    setError(failure && setupRefusal(failure));
  };
  return (
    <div class="body">
      <ul class="picks">
        {places.map(({ subnet, scope }) => (
          <li key={`${subnet} ${scope.port} ${scope.fixed}`}>
            <label class="pick">
              <input
                type="checkbox"
                checked={!unticked.has(subnet)}
                disabled={!mayHandle()}
                onChange={() => toggle(subnet)}
              />
              <span class="mono">{subnet}</span>
              <span class="meta">
                {listed([
                  t("discovery.with", { credentials: scope.credentials.join(t("comma")) }),
                  scope.port !== 161 && t("discovery.port", { port: String(scope.port) }),
                  scope.fixed && t("credential.fixed"),
                ])}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {mayHandle() && (
        <div class="row wrap">
          <button class="btn primary" type="button" disabled={busy || !chosen.length} onClick={() => void start()}>
            {t("setup.search_now")}
          </button>
        </div>
      )}
      <Refused text={error} />
    </div>
  );
}

function Found({ items }: { items: Candidate[] }): JSX.Element {
  const choice = useChoice(items);
  const accept = async (): Promise<void> => {
    const wanted = choice.chosen.length;
    const taken = await choice.accept();
    toast(taken === wanted ? t("review.accepted", { n: taken }) : t("review.failed", { n: wanted - taken }));
  };
  return (
    <div class="body">
      <Review all={items} choice={choice} />
      {mayHandle() && choice.chosen.length > 0 && (
        <div class="row wrap accept-bar">
          <button class="btn primary" type="button" disabled={choice.done !== null} onClick={() => void accept()}>
            {acceptText(choice)}
          </button>
        </div>
      )}
    </div>
  );
}

function SweepPanel({ setup, sweep }: { setup: Setup | null; sweep: Sweep }): JSX.Element {
  const going = sweep.state === "running" || sweep.state === "paused";
  return (
    <>
      {sweep.state !== "never" && (
        <div class="body">
          <SweepProgress sweep={sweep} />
        </div>
      )}
      {!going && setup && <Places setup={setup} />}
      {sweep.next && <p class="body hint">{t("discovery.next", { time: momentOrNone(sweep.next) })}</p>}
    </>
  );
}

export function Discovery(): JSX.Element {
  useTitle(t("nav.discovery"));
  const setup = useSetup();
  const sweep = useSweep();
  const found = useCandidates(sweep.data.value);
  const differences = useDifferences(sweep.data.value).data.value?.items ?? [];
  const places = setup.data.value?.scopes.length;
  const searched = sweep.data.value !== null && sweep.data.value.state !== "never";
  return (
    <>
      <div class="page-head">
        <Title>{t("nav.discovery")}</Title>
        <p>{t("discovery.hint")}</p>
      </div>
      <div class="columns">
        <div class="stack">
          <Differences items={differences} />
          <Panel
            feed={found}
            title={t("review.title")}
            aside={<span class="muted small">{number(found.data.value?.items.length ?? 0)}</span>}
            empty={({ items }) =>
              items.length
                ? null
                : {
                    icon: "search",
                    title: t(searched ? "review.none" : "sweep.state.never"),
                    hint: t("discovery.none_hint"),
                  }
            }
          >
            {({ items }) => <Found items={items} />}
          </Panel>
        </div>
        <div class="stack">
          {places === 0 ? (
            <PanelFrame title={t("discovery.search")} first>
              <div class="blank">
                <b>{t("discovery.no_scope")}</b>
                <p>{t("discovery.no_scope_hint")}</p>
                <ChangeScope />
              </div>
            </PanelFrame>
          ) : (
            <Panel feed={sweep} title={t("discovery.search")} first aside={<ChangeScope />}>
              {(now) => <SweepPanel setup={setup.data.value} sweep={now} />}
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}
