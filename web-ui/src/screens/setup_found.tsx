// SPDX-License-Identifier: GPL-3.0-or-later
// The last steps: the search, the review of what it found, and the first measured values.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Candidate, inReview, type Sweep, useCandidates, useDifferences } from "../api/discovery";
import { number, untrusted } from "../format";
import { t } from "../i18n";
import { navigate } from "../router";
import { postponeSetup } from "../session";
import { useOverview } from "../shell";
import { StateMark } from "../widgets/icons";
import { Live } from "../widgets/live";
import { Empty } from "../widgets/panel";
import { Differences } from "./differences";
import { acceptText, byStanding, Review, useChoice } from "./review";
import { StepForm, type StepProps } from "./setup";
import { SweepProgress } from "./sweep";

const isOver = (sweep: Sweep): boolean => sweep.state !== "running" && sweep.state !== "paused";

export function SearchStep({ sweep, go }: StepProps): JSX.Element {
  const over = isOver(sweep);
  return (
    <StepForm
      step="search"
      title={t(over ? "setup.searched" : "setup.search")}
      hint={t("setup.search_hint")}
      action={t(over ? "setup.review_found" : "setup.review_soon", { n: inReview(sweep) })}
      off={inReview(sweep) === 0}
      back={() => go("credentials")}
      submit={() => go("review")}
    >
      <SweepProgress sweep={sweep} again />
      {over && inReview(sweep) === 0 && <Empty icon="search" title={t("review.none")} hint={t("review.none_hint")} />}
    </StepForm>
  );
}

function ReviewForm({ items, sweep, go }: { items: Candidate[] } & StepProps): JSX.Element {
  const choice = useChoice(items);
  const [error, setError] = useState<string | null>(null);
  const accept = async (): Promise<void> => {
    const failed = choice.chosen.length - (await choice.accept());
    if (failed === 0) return go("done");
    setError(t("review.failed", { n: failed }));
  };
  const ready = byStanding(items, "ready").length;
  const differences = useDifferences(sweep).data.value?.items ?? [];
  return (
    <StepForm
      step="review"
      title={t("setup.review")}
      hint={t("setup.review_hint", { n: items.length, ready, done: number(sweep.done), total: number(sweep.total) })}
      action={choice.chosen.length ? acceptText(choice) : t("setup.next")}
      busy={choice.done !== null}
      back={() => go("search")}
      error={error}
      submit={() => (choice.chosen.length ? void accept() : go("done"))}
    >
      <Differences items={differences} />
      {items.length ? (
        <Review all={items} choice={choice} />
      ) : (
        <Empty icon="search" title={t("review.none")} hint={t("review.none_hint")} />
      )}
    </StepForm>
  );
}

export function ReviewStep(props: StepProps): JSX.Element {
  const feed = useCandidates(props.sweep);
  if (feed.data.value) return <ReviewForm items={feed.data.value.items} {...props} />;
  return (
    <main id="main" class="step">
      <h1>{t("setup.review")}</h1>
      <Live feed={feed}>{() => null}</Live>
    </main>
  );
}

function Check({ done, children }: { done: boolean; children: string }): JSX.Element {
  return (
    <li class={done ? "is-ok" : ""}>
      <StateMark mark={done ? "ok" : "unknown"} />
      <span>{children}</span>
    </li>
  );
}

/** The overview may not have heard of the devices yet. */
function leave(): void {
  postponeSetup();
  navigate("/");
}

/** The first values come within one interval: they are counted here as they do. */
export function DoneStep({ sweep, setup, go }: StepProps): JSX.Element {
  const overview = useOverview().data.value;
  const found = useCandidates(sweep).data.value?.items ?? [];
  const problems = byStanding(found, "problem").length;
  const total = overview?.devices.total ?? 0;
  const up = overview?.devices.up ?? 0;
  return (
    <StepForm
      step="done"
      title={t(total ? "setup.done" : "setup.done_empty")}
      hint={t(total ? "setup.done_hint" : "setup.done_empty_hint")}
      action={t("setup.open")}
      back={() => go("review")}
      submit={leave}
    >
      <ul class="checks" aria-live="polite">
        <Check done={setup.station.name !== "Outstation"}>{untrusted(setup.station.name, 80)}</Check>
        <Check done={total > 0}>{t("setup.added", { n: total })}</Check>
        <Check done={total > 0 && up === total}>{t("setup.answering", { up, n: total })}</Check>
        {problems > 0 && <Check done={false}>{t("setup.left", { n: problems })}</Check>}
      </ul>
    </StepForm>
  );
}
