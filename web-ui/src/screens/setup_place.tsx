// SPDX-License-Identifier: GPL-3.0-or-later
// The first two questions: what the station is called and where it stands, and which subnets are searched.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { addressesOf, nameStation, sweepSeconds } from "../api/discovery";
import { duration, listed, untrusted } from "../format";
import { t } from "../i18n";
import { TextField } from "../widgets/field";
import { Icon } from "../widgets/icons";
import { Refused } from "../widgets/live";
import { StepForm, type StepProps } from "./setup";
import { setupRefusal } from "./setup_words";

const kMostAddresses = 65_536;
const kLevels = ["province", "city", "county"] as const;

/** What stands in station.yaml is shown, and changed there. */
function Fixed({ setup }: StepProps): JSX.Element {
  const { name, site_path } = setup.station;
  return (
    <>
      <p class="note">
        <Icon name="lock" />
        {t("setup.site_fixed")}
      </p>
      <dl class="pairs">
        <div>
          <dt>{t("about.name")}</dt>
          <dd>{untrusted(name)}</dd>
        </div>
        <div>
          <dt>{t("about.site")}</dt>
          <dd>{site_path.map((part) => untrusted(part)).join(" / ") || t("dash")}</dd>
        </div>
      </dl>
    </>
  );
}

export function SiteStep(props: StepProps): JSX.Element {
  const { station } = props.setup;
  const [name, setName] = useState(station.name === "Outstation" ? "" : station.name);
  const [levels, setLevels] = useState([
    station.site_path[0] ?? "",
    station.site_path[1] ?? "",
    station.site_path.slice(2).join(" / "),
  ]);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    if (station.fixed) return props.go("subnets");
    if (!name.trim()) return setError(t("setup.name_missing"));
    setBusy(true);
    const failure = await nameStation(
      name.trim(),
      levels
        .map((level) => level.trim())
        .filter(Boolean)
        .join("/"),
    );
    setBusy(false);
    setError(failure && setupRefusal(failure));
    if (!failure) props.go("subnets");
  };
  return (
    <StepForm
      step="site"
      title={t("setup.site")}
      hint={t("setup.site_hint")}
      action={t("setup.next")}
      busy={busy}
      error={error}
      submit={() => void save()}
    >
      {station.fixed ? (
        <Fixed {...props} />
      ) : (
        <>
          <TextField
            name="name"
            label={t("setup.name")}
            value={name}
            set={setName}
            required
            hint={t("setup.name_hint")}
          />
          {kLevels.map((level, index) => (
            <TextField
              key={level}
              name={level}
              label={t(`setup.level.${level}`)}
              value={levels[index]!}
              set={(value) => setLevels(levels.map((old, at) => (at === index ? value : old)))}
            />
          ))}
        </>
      )}
    </StepForm>
  );
}

function SubnetRow({ subnet, detail, on, toggle }: SubnetRowProps): JSX.Element {
  return (
    <li>
      <label class="pick">
        <input type="checkbox" checked={on} onChange={toggle} />
        <span class="mono">{subnet}</span>
        <span class="meta">{detail}</span>
      </label>
    </li>
  );
}
interface SubnetRowProps {
  subnet: string;
  detail: string;
  on: boolean;
  toggle: () => void;
}

const sizeText = (subnet: string): string => {
  const addresses = addressesOf(subnet) ?? 0;
  return t("setup.addresses", { n: addresses, span: duration(sweepSeconds(addresses)) });
};

interface AddProps {
  add: (subnet: string) => void;
}

function AddSubnet({ add }: AddProps): JSX.Element {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const take = (): void => {
    const subnet = text.trim();
    setWrong(addressesOf(subnet) === null);
    if (addressesOf(subnet) === null) return;
    add(subnet);
    setText("");
  };
  return (
    <div class="field">
      <label for="subnet">{t("setup.subnet_add")}</label>
      <div class="with-button">
        <input
          class="input mono"
          id="subnet"
          value={text}
          placeholder="10.36.7.0/24"
          autocomplete="off"
          inputMode="text"
          maxLength={18}
          aria-invalid={wrong ? "true" : undefined}
          aria-describedby="subnet-error"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            take();
          }}
        />
        <button class="btn" type="button" onClick={take}>
          {t("setup.add")}
        </button>
      </div>
      <Refused id="subnet-error" text={wrong ? t("setup.subnet_wrong") : null} />
    </div>
  );
}

/** Proposals, and what was typed; ticking one of another port leaves those of the former. */
export function SubnetStep({ setup, plan, setPlan, go }: StepProps): JSX.Element {
  const [typed, setTyped] = useState(plan.subnets.filter((one) => !setup.networks.some((net) => net.subnet === one)));
  const [port, setPort] = useState(String(plan.port));
  const [error, setError] = useState<string | null>(null);
  const has = (subnet: string): boolean => plan.subnets.includes(subnet);
  const portOf = (subnet: string): number =>
    setup.networks.find((one) => one.subnet === subnet)?.port ?? (Number(port) || 161);
  const toggle = (subnet: string): void => {
    if (has(subnet)) return setPlan({ ...plan, subnets: plan.subnets.filter((one) => one !== subnet) });
    const wanted = portOf(subnet);
    const same = plan.subnets.filter((one) => portOf(one) === wanted);
    setPort(String(wanted));
    setPlan({ port: wanted, subnets: [...same, subnet] });
  };
  const total = plan.subnets.reduce((sum, subnet) => sum + (addressesOf(subnet) ?? 0), 0);
  const next = (): void => {
    const number = Number(port);
    if (!plan.subnets.length) return setError(t("setup.subnet_none"));
    if (total > kMostAddresses) return setError(t("setup.subnet_many", { n: kMostAddresses }));
    if (!Number.isInteger(number) || number < 1 || number > 65_535) return setError(t("setup.port_wrong"));
    setPlan({ ...plan, port: number });
    go("credentials");
  };
  return (
    <StepForm
      step="subnets"
      title={t("setup.subnets")}
      hint={t("setup.subnets_hint")}
      action={t("setup.next")}
      back={() => go("site")}
      error={error}
      submit={next}
    >
      <ul class="picks">
        {setup.networks.map((one) => (
          <SubnetRow
            key={one.subnet}
            subnet={one.subnet}
            detail={listed([sizeText(one.subnet), one.interface ?? t("setup.prepared", { port: String(one.port) })])}
            on={has(one.subnet)}
            toggle={() => toggle(one.subnet)}
          />
        ))}
        {typed.map((subnet) => (
          <SubnetRow
            key={subnet}
            subnet={subnet}
            detail={sizeText(subnet)}
            on={has(subnet)}
            toggle={() => toggle(subnet)}
          />
        ))}
      </ul>
      {!setup.networks.length && !typed.length && <p class="note">{t("setup.subnets_empty")}</p>}
      <AddSubnet
        add={(subnet) => {
          setError(null);
          if (!typed.includes(subnet) && !setup.networks.some((one) => one.subnet === subnet))
            setTyped([...typed, subnet]);
          if (!has(subnet)) setPlan({ ...plan, subnets: [...plan.subnets, subnet] });
        }}
      />
      <TextField
        name="port"
        label={t("setup.port")}
        hint={t("setup.port_hint")}
        value={port}
        set={setPort}
        most={5}
        mono
        numeric
      />
      {total > 0 && <p class="soft small">{t("setup.total", { n: total, span: duration(sweepSeconds(total)) })}</p>}
    </StepForm>
  );
}
