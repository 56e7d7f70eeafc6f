// SPDX-License-Identifier: GPL-3.0-or-later
// The wizard of a new station: one question a step, each answer kept by the station at once, so that it goes on where it
// was after a power cut. The step stands in the address; later sweeps use the same steps.

import "../kernel";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Feed } from "../api/feed";
import { inReview, type Setup as Data, type Sweep, useSetup, useSweep } from "../api/discovery";
import { t } from "../i18n";
import { navigate, route } from "../router";
import { postponeSetup, session } from "../session";
import { LanguageButton, ThemeButton, useOverview } from "../shell";
import { Logo } from "../widgets/icons";
import { Live, Refused } from "../widgets/live";
import { Empty } from "../widgets/panel";
import { useTitle } from "../widgets/title";
import { CredentialStep } from "./setup_credentials";
import { DoneStep, ReviewStep, SearchStep } from "./setup_found";
import { SiteStep, SubnetStep } from "./setup_place";

const kSteps = ["site", "subnets", "credentials", "search", "review", "done"] as const;
export type Step = (typeof kSteps)[number];

/** What is to be searched: kept by the station once the credentials are chosen too. */
export interface Plan {
  subnets: string[];
  port: number;
}

export interface StepProps {
  setup: Data;
  sweep: Sweep;
  plan: Plan;
  setPlan: (plan: Plan) => void;
  go: (step: Step) => void;
}

/** The first step that is not done. */
function firstStep(setup: Data, sweep: Sweep): Step {
  if (!setup.station.fixed && setup.station.name === "Outstation") return "site";
  if (sweep.state === "running" || sweep.state === "paused") return "search";
  if (sweep.state === "done" && inReview(sweep) > 0) return "review";
  return "subnets";
}

/** A larger subnet is searched only when somebody ticks it. */
const kUnasked = 1022;

/** The subnets where discovery may look already, else what the station is prepared for, else small ones of its own. */
function firstPlan(setup: Data): Plan {
  const own = setup.scopes.find((scope) => !scope.fixed);
  if (own) return { subnets: own.subnets, port: own.port };
  const prepared = setup.networks.filter((one) => one.interface === null);
  const near = setup.networks.filter((one) => (one.addresses ?? 0) <= kUnasked);
  const chosen = prepared.length ? prepared : near;
  return { subnets: chosen.map((one) => one.subnet), port: chosen[0]?.port ?? 161 };
}

interface StepFormProps {
  step: Step;
  title: string;
  hint: ComponentChildren;
  action: string;
  busy?: boolean;
  off?: boolean;
  back?: (() => void) | undefined;
  error?: string | null;
  submit: () => void;
  children: ComponentChildren;
}

/** One question: title, hint, what is asked, and the footer that stays in sight. */
export function StepForm(props: StepFormProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(props.title);
  useEffect(() => {
    window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [props.step]);
  const send = (event: Event): void => {
    event.preventDefault();
    if (!props.busy && !props.off) props.submit();
  };
  return (
    <form class="step" onSubmit={send} noValidate>
      <main id="main">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        <p class="soft">{props.hint}</p>
        {props.children}
      </main>
      <footer>
        <Refused text={props.error ?? null} />
        <button class="btn" type="button" disabled={!props.back} onClick={props.back}>
          {t("setup.back")}
        </button>
        <button class="btn primary" type="submit" disabled={props.busy || props.off}>
          {props.action}
        </button>
      </footer>
    </form>
  );
}

function Bars({ step }: { step: Step }): JSX.Element {
  const at = kSteps.indexOf(step);
  return (
    <div class="steps-done" aria-hidden="true">
      {kSteps.map((name, index) => (
        <i key={name} class={index < at ? "past" : index === at ? "here" : ""} />
      ))}
    </div>
  );
}

const kScreens: Record<Step, (props: StepProps) => JSX.Element> = {
  site: SiteStep,
  subnets: SubnetStep,
  credentials: CredentialStep,
  search: SearchStep,
  review: ReviewStep,
  done: DoneStep,
};

function Steps({ setup, sweep, step }: { setup: Data; sweep: Sweep; step: Step }): JSX.Element {
  const [plan, setPlan] = useState(() => firstPlan(setup));
  const Current = kScreens[step];
  const go = (next: Step): void => navigate(`/setup?step=${next}`);
  return <Current {...{ setup, sweep, plan, setPlan, go }} />;
}

function Denied(): JSX.Element {
  const role = session.value?.role ?? "viewer";
  return (
    <main id="main" class="step">
      <h1 class="vh">{t("setup.title")}</h1>
      <Empty
        icon="lock"
        title={t("setup.denied")}
        hint={t("denied.hint", { role: t(`role.${role}`) })}
        action={
          <a class="btn" href="/">
            {t("missing.action")}
          </a>
        }
      />
    </main>
  );
}

/** While there is nothing to ask about yet, the frame has its title all the same. */
function Waiting({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <main id="main" class="step">
      <h1 class="vh">{t("setup.title")}</h1>
      {children}
    </main>
  );
}

/** Nothing is asked before both are known: the first step depends on them. */
function Body({ setup, sweep, step }: { setup: Feed<Data>; sweep: Feed<Sweep>; step: Step }): JSX.Element {
  if (session.value?.role !== "admin") return <Denied />;
  if (setup.data.value === null)
    return (
      <Waiting>
        <Live feed={setup}>{() => null}</Live>
      </Waiting>
    );
  if (sweep.data.value === null)
    return (
      <Waiting>
        <Live feed={sweep}>{() => null}</Live>
      </Waiting>
    );
  return (
    <Live feed={setup}>
      {(data) => <Live feed={sweep}>{(now) => <Steps setup={data} sweep={now} step={step} />}</Live>}
    </Live>
  );
}

function later(): void {
  postponeSetup();
  navigate("/");
}

export function Setup(): JSX.Element {
  useTitle(t("setup.title"));
  useOverview(); // the station's clock and zone
  const setup = useSetup();
  const sweep = useSweep();
  const asked = kSteps.find((name) => name === route.value.query.get("step"));
  const known = setup.data.value !== null && sweep.data.value !== null;
  const step = asked ?? (known ? firstStep(setup.data.value!, sweep.data.value!) : "site");
  return (
    <div class="setup">
      <header>
        <Logo />
        <b>Outstation</b>
        <span class="grow" />
        <span class="small muted">{t("setup.step", { n: kSteps.indexOf(step) + 1, of: kSteps.length })}</span>
        <LanguageButton />
        <ThemeButton />
        <button class="quiet" type="button" onClick={later}>
          {t("setup.later")}
        </button>
      </header>
      <Bars step={step} />
      <div class="setup-body">
        <Body setup={setup} sweep={sweep} step={step} />
      </div>
    </div>
  );
}
