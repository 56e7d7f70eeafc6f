// SPDX-License-Identifier: GPL-3.0-or-later
// Signing in, and the change of the first password that the station demands.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../api/client";
import { duration } from "../format";
import { type Key, t } from "../i18n";
import { navigate, route } from "../router";
import { changePassword, safeNext, session, signIn, typedFirst, waiting } from "../session";
import { LanguageButton, ThemeButton } from "../shell";
import { Logo, StateMark } from "../widgets/icons";
import { failureText } from "../widgets/panel";
import { Title, useTitle } from "../widgets/title";
import { leave, PasswordField, PasswordForm } from "./password";

function Frame({ title, hint, children }: { title: string; hint: string; children: JSX.Element }): JSX.Element {
  useTitle(title);
  return (
    <div class="door">
      <header>
        <Logo />
        <b>Outstation</b>
        <span class="grow" />
        <LanguageButton />
        <ThemeButton />
      </header>
      <main id="main">
        <Title>{title}</Title>
        <p class="soft">{hint}</p>
        {children}
      </main>
    </div>
  );
}

function refusal(failure: Failure): string {
  if (failure.code === "locked" || failure.status === 429) {
    return t("login.locked", { wait: duration(failure.retryAfterS ?? 60) });
  }
  if (failure.code === "busy") return t("login.crowded", { wait: duration(failure.retryAfterS ?? 1) });
  const known: Partial<Record<Failure["code"], Key>> = {
    bad_credentials: "login.wrong",
    unauthenticated: "login.wrong",
    network: "failed.network",
    timeout: "failed.timeout",
    unavailable: "login.unavailable",
    starting: "login.starting",
  };
  return t(known[failure.code] ?? "failed.other");
}

export function Login(): JSX.Element {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (session.value) navigate(safeNext(route.value.query.get("next")), { replace: true });
    form.current?.querySelector("input")?.focus();
  }, []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(form.current!);
    setBusy(true);
    setFailure(null);
    const refused = await signIn(String(data.get("user")).trim(), String(data.get("password")));
    setBusy(false);
    setFailure(refused);
    if (refused) form.current?.querySelector<HTMLInputElement>("[name=password]")?.select();
  };
  return (
    <Frame title={t("login.title")} hint={t(route.value.query.get("next") ? "login.again" : "login.hint")}>
      <form class="form" ref={form} onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{t("login.user")}</span>
          <input
            class="input"
            name="user"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            maxLength={64}
          />
        </label>
        <PasswordField
          name="password"
          label={t("login.password")}
          autocomplete="current-password"
          invalid={failure !== null}
          describedBy="login-error"
        />
        <p class="error" id="login-error" role="alert">
          {failure && (
            <>
              <StateMark mark="crit" />
              {refusal(failure)}
            </>
          )}
        </p>
        <button class="btn primary" type="submit" disabled={busy}>
          {t(busy ? "login.busy" : "login.action")}
        </button>
      </form>
    </Frame>
  );
}

/** Somebody is signed in, and the station cannot confirm it yet. */
export function Waiting(): JSX.Element {
  const starting = waiting.value?.code === "starting";
  const title = starting || !waiting.value ? t("starting.title") : failureText(waiting.value);
  return (
    <Frame title={title} hint={t("starting.hint")}>
      <p class="vh" role="status">
        {title}
      </p>
    </Frame>
  );
}

export function FirstPassword(): JSX.Element {
  return (
    <Frame title={t("first.title")} hint={t("first.hint")}>
      <>
        <PasswordForm action={t("first.action")} change={changePassword} known={typedFirst()} />
        <button class="btn quiet-btn" type="button" onClick={() => void leave()}>
          {t("sign_out")}
        </button>
      </>
    </Frame>
  );
}
