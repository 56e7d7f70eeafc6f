// SPDX-License-Identifier: GPL-3.0-or-later
// Settings: how this browser shows things, one's password, and what this station is made of.

import "../kernel";
import type { JSX } from "preact";
import { useFeed } from "../api/feed";
import type { Daemon, Station } from "../api/types";
import { ageSeconds, bytes, duration, momentOrNone, orNone, short, untrusted, zoneName } from "../format";
import { chooseLanguage, type Key, type Language, language, t } from "../i18n";
import { chooseShortcuts, chooseTheme, shortcuts, type Theme, theme } from "../preferences";
import { openHelp } from "../help";
import { changePassword, session } from "../session";
import { type Mark } from "../widgets/icons";
import { Panel, PanelFrame } from "../widgets/panel";
import { State } from "../widgets/state";
import { toast } from "../widgets/toast";
import { Title, useTitle } from "../widgets/title";
import { GapLedger } from "./gap_ledger";
import { HostMeters } from "./overview";
import { leave, PasswordForm } from "./password";
import { DataPanel } from "./store_data";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: [T, string][];
  choose: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, choose }: ChoiceProps<T>): JSX.Element {
  return (
    <div class="choice">
      <span>{label}</span>
      <div class="segments" role="group" aria-label={label}>
        {options.map(([name, text]) => (
          <button key={name} type="button" aria-pressed={value === name} onClick={() => choose(name)}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}

const kThemes: Theme[] = ["system", "light", "dark"];
const kLanguages: [Language, string][] = [
  ["zh", "简体中文"],
  ["en", "English"],
];

function Display(): JSX.Element {
  return (
    <PanelFrame first title={t("settings.display")}>
      <div class="body">
        <Choice
          label={t("settings.language")}
          value={language.value}
          options={kLanguages}
          choose={(next) => void chooseLanguage(next)}
        />
        <Choice
          label={t("settings.theme")}
          value={theme.value}
          options={kThemes.map((name) => [name, t(`theme.${name}`)])}
          choose={chooseTheme}
        />
        <Choice
          label={t("settings.keys")}
          value={shortcuts.value ? "on" : "off"}
          options={[
            ["on", t("on")],
            ["off", t("off")],
          ]}
          choose={(value) => chooseShortcuts(value === "on")}
        />
        <p class="hint">
          {t("settings.display_hint")}{" "}
          <button class="link" type="button" onClick={openHelp}>
            {t("keys.title")}
          </button>
        </p>
      </div>
    </PanelFrame>
  );
}

function Account(): JSX.Element {
  const who = session.value;
  return (
    <PanelFrame
      title={t("settings.account")}
      aside={
        <button class="btn small-btn" type="button" onClick={() => void leave()}>
          {t("sign_out")}
        </button>
      }
    >
      <div class="body">
        {who && <p class="soft">{t("settings.signed_in", { user: who.user, role: t(`role.${who.role}`) })}</p>}
        <h3>{t("settings.password")}</h3>
        <PasswordForm action={t("password.action")} change={changePassword} />
      </div>
    </PanelFrame>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    toast(t("copy_failed"));
  }
}

function About({ station }: { station: Station }): JSX.Element {
  const rows: [Key, string][] = [
    ["about.name", untrusted(station.name)],
    ["about.site", station.site_path.map((part) => untrusted(part)).join(" / ") || t("dash")],
    ["about.version", station.version],
    [
      "about.started",
      station.started
        ? t("about.started_value", { time: momentOrNone(station.started), span: duration(ageSeconds(station.started)) })
        : t("none"),
    ],
    ["about.zone", `${station.zone.name} (${zoneName()})`],
    ["about.config", t(`trust.origin.${station.config_origin}`)],
    ["about.hub", t("trust.no_hub")],
  ];
  return (
    <div class="body">
      <dl class="pairs">
        {rows.map(([key, value]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>{t("about.certificate")}</h3>
      <p class="hint">{t("about.certificate_hint")}</p>
      <div class="fingerprint">
        <code>
          {station.certificate_sha256.match(/.{1,24}/g)?.map((part, index) => (
            <span key={index}>{part}</span>
          ))}
        </code>
        <button class="btn small-btn" type="button" onClick={() => void copy(station.certificate_sha256)}>
          {t("copy")}
        </button>
      </div>
    </div>
  );
}

const kDaemonMarks: Record<Daemon["state"], Mark> = { running: "ok", starting: "notice", stopped: "crit" };

function Daemons({ station }: { station: Station }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="group" aria-label={t("daemons.title")}>
      <table>
        <thead>
          <tr>
            <th>{t("col.name")}</th>
            <th>{t("col.state")}</th>
            <th class="n">{t("col.uptime")}</th>
            <th class="n">{t("col.memory")}</th>
            <th class="n hide-s">{t("col.lag")}</th>
            <th class="n hide-s">PID</th>
          </tr>
        </thead>
        <tbody>
          {station.daemons.map((daemon) => (
            <tr key={daemon.name}>
              <td class="mono">{daemon.name}</td>
              <td>
                <State mark={kDaemonMarks[daemon.state]}>{t(`daemon.${daemon.state}`)}</State>
              </td>
              <td class="n">{orNone(daemon.uptime_s, duration)}</td>
              <td class="n">{orNone(daemon.rss_bytes, bytes)}</td>
              <td class="n hide-s">{orNone(daemon.loop_lag_ms, (lag) => `${short(lag)} ms`)}</td>
              <td class="n hide-s">{daemon.pid ?? t("dash")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Settings(): JSX.Element {
  useTitle(t("nav.settings"));
  const feed = useFeed<Station>("/api/v1/station");
  return (
    <>
      <div class="page-head">
        <Title>{t("nav.settings")}</Title>
      </div>
      <div class="columns">
        <div class="stack">
          <Panel feed={feed} title={t("about.title")} skeleton={6}>
            {(station) => <About station={station} />}
          </Panel>
          <Panel
            feed={feed}
            title={t("daemons.title")}
            empty={(station) =>
              station.daemons.length
                ? null
                : { icon: "station", title: t("daemons.none"), hint: t("daemons.none_hint") }
            }
          >
            {(station) => <Daemons station={station} />}
          </Panel>
          <DataPanel feed={feed} />
          <GapLedger />
        </div>
        <div class="stack">
          <Display />
          <Account />
          <Panel feed={feed} title={t("host.title")}>
            {(station) => <HostMeters host={station.host} />}
          </Panel>
        </div>
      </div>
    </>
  );
}
