// SPDX-License-Identifier: GPL-3.0-or-later
// Password fields with a show toggle, and the form that changes a password.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Failure } from "../api/client";
import { duration } from "../format";
import { t } from "../i18n";
import { session, signOut } from "../session";
import { StateMark } from "../widgets/icons";
import { failureText } from "../widgets/panel";
import { toast } from "../widgets/toast";

/** Signs out, or says that the station could not be told. */
export async function leave(): Promise<void> {
  if (!(await signOut())) toast(t("sign_out_failed"));
}

const kMinLength = 12;
/** The rule of authd: length, different characters, and no user name in it. */
const kRule = { n: kMinLength, different: 5 };

interface FieldProps {
  name: string;
  label: string;
  autocomplete: "current-password" | "new-password";
  invalid?: boolean;
  describedBy?: string;
  hint?: string;
}

export function PasswordField({ name, label, autocomplete, invalid, describedBy, hint }: FieldProps): JSX.Element {
  const [shown, setShown] = useState(false);
  const id = `password-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          class="input"
          id={id}
          name={name}
          type={(shown ? "text" : "password") as "password"}
          autocomplete={autocomplete}
          spellcheck={false}
          required
          maxLength={256}
          aria-invalid={invalid ? "true" : undefined}
          aria-describedby={describedBy}
        />
        <button
          class="btn"
          type="button"
          aria-pressed={shown}
          aria-label={t("password.show", { label })}
          onClick={() => setShown(!shown)}
        >
          {t(shown ? "password.hide_short" : "password.show_short")}
        </button>
      </div>
      {hint && <span class="hint">{hint}</span>}
    </div>
  );
}

function problem(current: string, next: string, again: string): string | null {
  if ([...next].length < kMinLength) return t("password.too_short", { n: kMinLength });
  if (next !== again) return t("password.differ");
  return next === current ? t("password.same") : null;
}

function refusal(failure: Failure): string {
  if (failure.code === "bad_credentials") return t("password.wrong");
  if (failure.code === "locked") return t("login.locked", { wait: duration(failure.retryAfterS ?? 60) });
  if (failure.code === "busy") return t("login.crowded", { wait: duration(failure.retryAfterS ?? 1) });
  return failure.code === "weak_password" ? t("password.weak", kRule) : failureText(failure);
}

type Change = (current: string, next: string) => Promise<Failure | null>;

interface FormProps {
  action: string;
  change: Change;
  /** The current one where it is known: it is asked for only when the station says that it is another. */
  known?: string;
}

export function PasswordForm({ action, change, known = "" }: FormProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [asks, setAsks] = useState(known === "");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const [next, again] = ["new", "again"].map((name) => String(data.get(name)));
    const current = asks ? String(data.get("current")) : known;
    const wrong = problem(current, next!, again!);
    setError(wrong);
    if (wrong) return;
    setBusy(true);
    const failure = await change(current, next!);
    setBusy(false);
    setError(failure && refusal(failure));
    if (failure?.code === "bad_credentials") setAsks(true);
    if (failure) return;
    form.current?.reset();
    toast(t("password.changed"));
  };
  return (
    <form class="form" ref={form} onSubmit={(event) => void submit(event)}>
      <input
        class="vh"
        type="text"
        name="user"
        autocomplete="username"
        value={session.value?.user ?? ""}
        tabIndex={-1}
        aria-hidden="true"
        readOnly
      />
      {asks && (
        <PasswordField
          name="current"
          label={t("password.current")}
          autocomplete="current-password"
          describedBy="password-error"
        />
      )}
      <PasswordField
        name="new"
        label={t("password.new")}
        autocomplete="new-password"
        describedBy="password-error"
        hint={t("password.rule", kRule)}
      />
      <PasswordField
        name="again"
        label={t("password.again")}
        autocomplete="new-password"
        describedBy="password-error"
      />
      <p class="error" id="password-error" role="alert">
        {error && (
          <>
            <StateMark mark="crit" />
            {error}
          </>
        )}
      </p>
      <button class="btn primary" type="submit" disabled={busy}>
        {action}
      </button>
    </form>
  );
}
