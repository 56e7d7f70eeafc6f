// SPDX-License-Identifier: GPL-3.0-or-later
// The third question: with what devices are asked. A secret goes to the station and is never shown again.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { actOnSweep, type Credential, goesTo, type Protocol, putCredential, setScope } from "../api/discovery";
import { listed, untrusted } from "../format";
import { t } from "../i18n";
import { TextField } from "../widgets/field";
import { StateMark } from "../widgets/icons";
import { PasswordField } from "./password";
import { StepForm, type StepProps } from "./setup";
import { setupRefusal } from "./setup_words";

const kProtocols: [Protocol, string][] = [
  ["snmp-v2c", "SNMPv2c"],
  ["snmp-v3", "SNMPv3"],
  ["snmp-v1", "SNMPv1"],
];
const kAuth = ["sha256", "sha512", "sha384", "sha224", "sha1", "md5"];
const kPriv = ["aes128", "aes256", "aes256c", "aes192", "aes192c", "des"];
const kShortestPassphrase = 8;
const kName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,39}$/;

/** How well the credential is kept on its way. */
function Safety({ one }: { one: Credential }): JSX.Element {
  if (one.priv_protocol)
    return (
      <span class="tag ok">
        <StateMark mark="ok" size={12} />
        {t("credential.sealed")}
      </span>
    );
  return (
    <span class="tag minor">
      <StateMark mark="minor" size={12} />
      {t(one.auth_protocol ? "credential.readable" : "credential.clear")}
    </span>
  );
}

interface RowProps {
  one: Credential;
  on: boolean;
  /** The station does not send it to the chosen subnets. */
  held: boolean;
  toggle: () => void;
}

/** Why it is held, and what to do. */
function heldText(one: Credential): string {
  if (one.fixed) return t("credential.held_fixed");
  return t("credential.held", { subnets: one.limits!.subnets.join(t("comma")), port: String(one.limits!.port) });
}

function CredentialRow({ one, on, held, toggle }: RowProps): JSX.Element {
  const protocol = kProtocols.find(([name]) => name === one.protocol)?.[1] ?? one.protocol;
  return (
    <li>
      <label class="pick">
        <input type="checkbox" checked={on} disabled={held} onChange={toggle} />
        <span class="strong">{one.name}</span>
        <Safety one={one} />
        <span class="meta">
          {listed([
            protocol,
            one.user && untrusted(one.user, 40),
            one.fixed && t("credential.fixed"),
            held && heldText(one),
          ])}
        </span>
      </label>
    </li>
  );
}

/** A name that no other has. */
function freeName(known: Credential[]): string {
  const taken = new Set(known.map((one) => one.name));
  for (let n = 1; ; n += 1) if (!taken.has(n === 1 ? "room" : `room-${n}`)) return n === 1 ? "room" : `room-${n}`;
}

/** Nothing is chosen that the protocol has not: what is empty is not sent. */
function fieldsOf(form: HTMLFormElement, protocol: Protocol): Record<string, string> {
  const data = new FormData(form);
  const out: Record<string, string> = { protocol };
  for (const [name, value] of data) if (String(value)) out[name] = String(value);
  if (!out["auth_protocol"]) delete out["auth_passphrase"];
  if (!out["auth_protocol"] || !out["priv_protocol"]) {
    delete out["priv_protocol"];
    delete out["priv_passphrase"];
  }
  return out;
}

function problem(fields: Record<string, string>, known: Credential[]): string | null {
  const { name = "", protocol } = fields;
  if (!kName.test(name)) return t("credential.name_wrong");
  if (known.some((one) => one.name === name && one.fixed)) return t("credential.name_fixed", { name });
  if (protocol !== "snmp-v3") return fields["community"] ? null : t("credential.no_community");
  if (!fields["user"]) return t("credential.no_user");
  const short = (what: "auth" | "priv"): boolean =>
    Boolean(fields[`${what}_protocol`]) && (fields[`${what}_passphrase`]?.length ?? 0) < kShortestPassphrase;
  return short("auth") || short("priv") ? t("credential.too_short", { n: kShortestPassphrase }) : null;
}

interface SelectProps {
  name: string;
  label: string;
  options: string[];
  value: string;
  set: (value: string) => void;
}

function Select({ name, label, options, value, set }: SelectProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <select class="input" name={name} value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map((one) => (
          <option key={one} value={one}>
            {one.toUpperCase()}
          </option>
        ))}
        <option value="">{t("credential.none")}</option>
      </select>
    </label>
  );
}

/** Fields of SNMPv3: a level above the other needs the passphrase too. */
function UserFields(): JSX.Element {
  const [user, setUser] = useState("");
  const [auth, setAuth] = useState("sha256");
  const [priv, setPriv] = useState("aes128");
  return (
    <>
      <TextField name="user" label={t("credential.user")} value={user} set={setUser} most={32} />
      <Select name="auth_protocol" label={t("credential.auth")} options={kAuth} value={auth} set={setAuth} />
      {auth && (
        <>
          <PasswordField name="auth_passphrase" label={t("credential.auth_secret")} autocomplete="new-password" />
          <Select name="priv_protocol" label={t("credential.priv")} options={kPriv} value={priv} set={setPriv} />
        </>
      )}
      {auth && priv && (
        <PasswordField name="priv_passphrase" label={t("credential.priv_secret")} autocomplete="new-password" />
      )}
    </>
  );
}

function CredentialFields({ protocol, choose, known }: FieldsProps): JSX.Element {
  const [name, setName] = useState(() => freeName(known));
  return (
    <div class="sub-form">
      <div class="segments" role="group" aria-label={t("credential.protocol")}>
        {kProtocols.map(([value, text]) => (
          <button key={value} type="button" aria-pressed={protocol === value} onClick={() => choose(value)}>
            {text}
          </button>
        ))}
      </div>
      {protocol === "snmp-v3" ? (
        <UserFields />
      ) : (
        <PasswordField name="community" label={t("credential.community")} autocomplete="new-password" />
      )}
      <TextField
        name="name"
        label={t("credential.name")}
        hint={t("credential.name_hint")}
        value={name}
        set={setName}
        most={40}
        mono
      />
    </div>
  );
}
interface FieldsProps {
  protocol: Protocol;
  choose: (protocol: Protocol) => void;
  known: Credential[];
}

export function CredentialStep({ setup, plan, go }: StepProps): JSX.Element {
  const known = setup.credentials;
  const [unticked, setUnticked] = useState<ReadonlySet<string>>(new Set());
  const sent = known.filter((one) => goesTo(one, plan.subnets, plan.port));
  const [open, setOpen] = useState(sent.length === 0);
  const [protocol, setProtocol] = useState<Protocol>("snmp-v2c");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const chosen = sent.map((one) => one.name).filter((name) => !unticked.has(name));
  const toggle = (name: string): void => {
    const next = new Set(unticked);
    if (!next.delete(name)) next.add(name);
    setUnticked(next);
  };
  /** The names to search with once the new one is kept; null when it was not. */
  const add = async (): Promise<string[] | null> => {
    const fields = fieldsOf(box.current!.closest("form")!, protocol);
    const wrong = problem(fields, known);
    if (wrong) return (setError(wrong), null);
    const failure = await putCredential(fields);
    if (failure) return (setError(setupRefusal(failure)), null);
    setOpen(false);
    return [...new Set([...chosen, fields["name"]!])];
  };
  const search = async (): Promise<void> => {
    setError(null);
    setBusy(true);
    const names = open ? await add() : chosen;
    if (names?.length) {
      const failure = (await setScope(plan.subnets, names, plan.port)) ?? (await actOnSweep("start", plan.subnets));
      if (failure) setError(setupRefusal(failure));
      else go("search");
    } else if (names) setError(t("credential.choose"));
    setBusy(false);
  };
  const save = async (): Promise<void> => {
    setError(null);
    setBusy(true);
    await add();
    setBusy(false);
  };
  return (
    <StepForm
      step="credentials"
      title={t("setup.credentials")}
      hint={t("setup.credentials_hint")}
      action={t(open ? "credential.save_search" : "setup.search_now")}
      back={() => go("subnets")}
      busy={busy}
      error={error}
      off={plan.subnets.length === 0}
      submit={() => void search()}
    >
      {plan.subnets.length === 0 && <p class="note">{t("setup.subnet_none")}</p>}
      {known.length > 0 && (
        <ul class="picks">
          {known.map((one) => (
            <CredentialRow
              key={one.name}
              one={one}
              on={chosen.includes(one.name)}
              held={!sent.includes(one)}
              toggle={() => toggle(one.name)}
            />
          ))}
        </ul>
      )}
      <div ref={box}>
        {open && <CredentialFields key={known.length} protocol={protocol} choose={setProtocol} known={known} />}
      </div>
      {open ? (
        <div class="row wrap">
          <button class="btn" type="button" disabled={busy} onClick={() => void save()}>
            {t("credential.save")}
          </button>
          {known.length > 0 && (
            <button class="btn quiet-btn" type="button" onClick={() => setOpen(false)}>
              {t("credential.cancel")}
            </button>
          )}
        </div>
      ) : (
        <button class="btn" type="button" onClick={() => setOpen(true)}>
          {t("credential.add")}
        </button>
      )}
    </StepForm>
  );
}
