// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does about an alarm: take it, note, assign, mute for a time, close by hand. Each is a step on the station's disk
// when it is answered.

import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { type Failure, request } from "../api/client";
import type { Alarm } from "../api/types";
import { duration } from "../format";
import { type Key, t } from "../i18n";
import { session } from "../session";
import { Icon, StateMark } from "../widgets/icons";
import { failureText } from "../widgets/panel";
import { toast } from "../widgets/toast";

const kMostText = 300;
/** Of the 128 bytes that the station takes three may be one character. */
const kMostName = 40;
const kMuteHours = [1, 4, 12, 24, 24 * 7];

type Step = "acknowledged" | "assigned" | "noted" | "shelved" | "unshelved" | "cleared";
interface Act {
  step: Step;
  text: string;
  for_s: number;
}
/** False when the station did not take it. */
type Take = (act: Act) => Promise<boolean>;
type Form = "assign" | "mute" | "close";

function refusal(failure: Failure): string {
  if (failure.code === "conflict") return t("act.conflict");
  if (failure.code === "forbidden") return t("act.forbidden");
  if (failure.code === "busy") return t("act.behind");
  return t(isOpen(failure) ? "act.open" : "act.failed", { reason: failureText(failure) });
}

/** Whether nobody knows if the step was taken: no answer came, or that the station itself got none. */
const isOpen = ({ status, code }: Failure): boolean => status === 0 || (status >= 500 && code !== "busy");

const newToken = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function NoteForm({ alarm, take, busy }: { alarm: Alarm; take: Take; busy: boolean }): JSX.Element {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const untaken = alarm.open && !alarm.acknowledged_by;
  const save = async (step: Step): Promise<void> => {
    if (step === "noted" && !text.trim()) return field.current?.focus();
    if (await take({ step, text: text.trim(), for_s: 0 })) setText("");
  };
  return (
    <>
      <label class="field">
        <span>{t("act.note")}</span>
        <textarea
          class="input"
          rows={3}
          ref={field}
          data-key="n"
          value={text}
          maxLength={kMostText}
          placeholder={t("act.note_hint")}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div class="row wrap">
        {untaken && (
          <button
            class="btn primary"
            type="button"
            data-key="a"
            disabled={busy}
            onClick={() => void save("acknowledged")}
          >
            {t(text.trim() ? "act.take_note" : "act.take")}
          </button>
        )}
        <button class="btn" type="button" disabled={busy} onClick={() => void save("noted")}>
          {t("act.save_note")}
        </button>
      </div>
    </>
  );
}

interface SheetProps {
  label: string;
  action: string;
  busy: boolean;
  submit: (data: FormData) => void;
  children?: ComponentChildren;
  text: Key;
  most?: number;
  required?: boolean;
}

/** One question and a line of text. */
function Sheet({ label, action, busy, submit, children, text, most, required }: SheetProps): JSX.Element {
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    submit(new FormData(event.currentTarget as HTMLFormElement));
  };
  return (
    <form class="form act-sheet" aria-label={label} onSubmit={send}>
      {children}
      <label class="field">
        <span>{t(text)}</span>
        <input
          class="input"
          name="text"
          maxLength={most ?? kMostText}
          required={required ?? false}
          autocomplete="off"
        />
      </label>
      <button class="btn primary" type="submit" disabled={busy}>
        {action}
      </button>
    </form>
  );
}

function MuteChoice(): JSX.Element {
  return (
    <label class="field">
      <span>{t("act.mute_for")}</span>
      <select class="input" name="hours">
        {kMuteHours.map((hours) => (
          <option key={hours} value={hours}>
            {duration(hours * 3600)}
          </option>
        ))}
      </select>
    </label>
  );
}

function OpenSheet({ form, take, busy }: { form: Form; take: Take; busy: boolean }): JSX.Element {
  const textOf = (data: FormData): string => String(data.get("text") ?? "").trim();
  const act = (step: Step, data: FormData): void =>
    void take({ step, text: textOf(data), for_s: Number(data.get("hours") ?? 0) * 3600 });
  const label = t(`act.${form}`);
  const common = { label, action: label, busy };
  if (form === "mute")
    return (
      <Sheet {...common} text="act.why" submit={(data) => act("shelved", data)}>
        <MuteChoice />
      </Sheet>
    );
  if (form === "close")
    return <Sheet {...common} text="act.close_note" required submit={(data) => act("cleared", data)} />;
  return <Sheet {...common} text="act.assign_to" most={kMostName} submit={(data) => act("assigned", data)} />;
}

function formsOf(alarm: Alarm): Form[] {
  return alarm.open ? ["assign", "mute", "close"] : ["assign"];
}

export function AlarmActs({ alarm, done }: { alarm: Alarm; done: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [form, setForm] = useState<Form | null>(null);
  const [error, setError] = useState<string | null>(null);
  // The step that was sent last, until it is known what came of it: the same again is not another one.
  const sent = useRef({ body: "", token: "" });
  const role = session.value?.role ?? "viewer";
  if (role === "viewer")
    return (
      <p class="act-denied muted small">
        <Icon name="lock" />
        {t("act.denied", { role: t(`role.${role}`), needed: t("role.technician") })}
      </p>
    );
  const take: Take = async (act) => {
    setBusy(true);
    const body = JSON.stringify(act);
    if (sent.current.body !== body) sent.current = { body, token: newToken() };
    const path = `/api/v1/alarms/${encodeURIComponent(alarm.id)}/steps`;
    const reply = await request("POST", path, { ...act, token: sent.current.token });
    if (reply.kind !== "failure" || !isOpen(reply.failure)) sent.current.body = "";
    setBusy(false);
    setError(reply.kind === "failure" ? refusal(reply.failure) : null);
    if (reply.kind !== "failure") {
      setForm(null);
      toast(t(`done.${act.step}`));
    }
    done();
    return reply.kind !== "failure";
  };
  return (
    <div class="acts">
      <NoteForm alarm={alarm} take={take} busy={busy} />
      <div class="row wrap">
        {formsOf(alarm).map((name) => (
          <button
            key={name}
            class="btn small-btn"
            type="button"
            aria-expanded={form === name}
            onClick={() => setForm(form === name ? null : name)}
          >
            {t(`act.${name}_more`)}
          </button>
        ))}
        {alarm.open && alarm.shelved_until && (
          <button
            class="btn small-btn"
            type="button"
            disabled={busy}
            onClick={() => void take({ step: "unshelved", text: "", for_s: 0 })}
          >
            {t("act.unmute")}
          </button>
        )}
      </div>
      {form && <OpenSheet form={form} take={take} busy={busy} />}
      <p class="error" role="alert">
        {error && (
          <>
            <StateMark mark="crit" />
            {error}
          </>
        )}
      </p>
    </div>
  );
}
