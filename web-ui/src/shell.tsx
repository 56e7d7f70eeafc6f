// SPDX-License-Identifier: GPL-3.0-or-later
// The frame of every screen: top bar, trust strip, rail on the desktop, tabs on the phone, banners.

import { effect } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { offline, pollNow, useFeed } from "./api/feed";
import type { Overview } from "./api/types";
import { clock, noteStationTime, stationNow } from "./clock";
import { HelpDialog } from "./help";
import { age, clockTime, duration, moment, number, untrusted, zone, zoneName } from "./format";
import { chooseLanguage, type Key, language, rich, t } from "./i18n";
import { chooseTheme, dark } from "./preferences";
import { route } from "./router";
import { openSearch, SearchDialog } from "./search";
import { session } from "./session";
import { Icon, type IconName, Logo, StateMark } from "./widgets/icons";
import { staleAge } from "./widgets/panel";
import { severityMark } from "./widgets/state";

export function useOverview() {
  const feed = useFeed<Overview>("/api/v1/overview");
  effectOnce(feed);
  return feed;
}

const watched = new WeakSet<object>();

/** The overview carries the station's clock and zone: each new answer sets both. */
function effectOnce(feed: ReturnType<typeof useFeed<Overview>>): void {
  if (watched.has(feed)) return;
  watched.add(feed);
  effect(() => {
    const data = feed.data.value;
    if (!data) return;
    noteStationTime(data.now);
    zone.value = data.station.zone;
  });
}

interface Place {
  href: string;
  icon: IconName;
  label: Key;
  screens: string[];
}

const kPlaces: Place[] = [
  { href: "/", icon: "overview", label: "nav.overview", screens: ["overview"] },
  { href: "/alarms", icon: "alarms", label: "nav.alarms", screens: ["alarms"] },
  { href: "/devices", icon: "devices", label: "nav.devices", screens: ["devices", "device"] },
  { href: "/topology", icon: "topology", label: "nav.topology", screens: ["topology"] },
];
const kSettings: Place = { href: "/settings", icon: "settings", label: "nav.settings", screens: ["settings"] };
const kOwnPlaces: Place[] = [
  { href: "/discovery", icon: "find", label: "nav.discovery", screens: ["discovery", "workbench"] },
  kSettings,
];

function PlaceLink({ place, size = 16 }: { place: Place; size?: number }): JSX.Element {
  const here = place.screens.includes(route.value.screen.name);
  return (
    <a href={place.href} {...(here && { "aria-current": "page" as const })}>
      <Icon name={place.icon} size={size} />
      <span>{t(place.label)}</span>
    </a>
  );
}

function DownCount({ data }: { data: Overview | null }): JSX.Element | null {
  const down = data?.devices.down ?? 0;
  return down ? (
    <span class="count" title={t("nav.down", { n: down })}>
      {number(down)}
      <span class="vh"> {t("nav.down", { n: down })}</span>
    </span>
  ) : null;
}

/** What must be acted on: the critical and the major ones that are not shelved. */
function AlarmCount({ data }: { data: Overview | null }): JSX.Element | null {
  const pressing = (["critical", "major"] as const).filter((severity) => data?.alarms?.[severity]);
  return pressing.length ? (
    <span class="count alarm-count">
      {pressing.map((severity) => (
        <span key={severity}>
          <StateMark mark={severityMark[severity]} size={11} />
          <span class="vh">{t(`severity.${severity}`)}</span> {number(data!.alarms![severity])}
        </span>
      ))}
    </span>
  ) : null;
}

function Navigation({ data }: { data: Overview | null }): JSX.Element {
  return (
    <nav class="rail" aria-label={t("nav.main")}>
      {kPlaces.map((place) => (
        <div key={place.href}>
          <PlaceLink place={place} />
          {place.href === "/devices" && <DownCount data={data} />}
          {place.href === "/alarms" && <AlarmCount data={data} />}
        </div>
      ))}
      <h2>{t("nav.own")}</h2>
      {kOwnPlaces.map((place) => (
        <div key={place.href}>
          <PlaceLink place={place} />
        </div>
      ))}
    </nav>
  );
}

/** A phone reaches discovery from the devices. */
const kTabs: Place[] = [...kPlaces, kSettings].map((place) =>
  place.href === "/devices" ? { ...place, screens: [...place.screens, "discovery", "workbench"] } : place,
);

function Tabs({ data }: { data: Overview | null }): JSX.Element {
  return (
    <nav class="tabbar" aria-label={t("nav.main")}>
      {kTabs.map((place) => (
        <div key={place.href}>
          <PlaceLink place={place} size={20} />
          {place.href === "/alarms" && <AlarmCount data={data} />}
        </div>
      ))}
    </nav>
  );
}

export function LanguageButton(): JSX.Element {
  const other = language.value === "zh" ? "en" : "zh";
  const label = other === "en" ? "EN, switch to English" : "中文，切换到中文";
  return (
    <button
      class="quiet"
      type="button"
      lang={other === "en" ? "en" : "zh-CN"}
      aria-label={label}
      onClick={() => void chooseLanguage(other)}
    >
      {other === "en" ? "EN" : "中文"}
    </button>
  );
}

export function ThemeButton(): JSX.Element {
  return (
    <button
      class="quiet"
      type="button"
      aria-label={t(dark.value ? "theme.to_light" : "theme.to_dark")}
      onClick={() => chooseTheme(dark.value ? "light" : "dark")}
    >
      <Icon name={dark.value ? "sun" : "moon"} />
    </button>
  );
}

function TopBar({ data }: { data: Overview | null }): JSX.Element {
  const who = session.value;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Outstation">
        <Logo />
        <span>Outstation</span>
      </a>
      <div class="site">
        <b>{data && untrusted(data.station.name)}</b>
        {data && <span>{data.station.site_path.map((part) => untrusted(part)).join(" / ")}</span>}
      </div>
      <span class="grow" />
      <button class="find" type="button" onClick={openSearch} aria-label={t("search.open")}>
        <Icon name="search" />
        <span class="label">{t("search.open")}</span>
        <kbd>/</kbd>
      </button>
      <LanguageButton />
      <ThemeButton />
      {who && (
        <a class="who" href="/settings">
          <Icon name="user" />
          <span>
            {who.user} · {t(`role.${who.role}`)}
          </span>
        </a>
      )}
    </header>
  );
}

function Segment({ icon, bad, children }: { icon: IconName; bad?: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <li class={bad ? "is-bad" : ""}>
      <Icon name={icon} size={14} />
      <span>{children}</span>
    </li>
  );
}

function TrustStrip({ data }: { data: Overview | null }): JSX.Element {
  if (!data)
    return (
      <ul class="trust" aria-label={t("trust.label")}>
        <Segment icon="clock">{t("trust.waiting")}</Segment>
      </ul>
    );
  const old = staleAge(data.data_time, data.poll_interval_s);
  const time = data.data_time ? moment(data.data_time) : null;
  const zoned = { time: time ?? "", zone: zoneName(), interval: duration(data.poll_interval_s) };
  return (
    <ul class="trust" tabIndex={0} aria-label={t("trust.label")}>
      <Segment icon="clock" bad={old !== null}>
        {time === null
          ? t("trust.no_data")
          : old === null
            ? rich("trust.data", zoned)
            : rich("trust.data_old", { ...zoned, age: age(old) })}
      </Segment>
      <Segment icon="station">{t("trust.no_hub")}</Segment>
      <Segment icon="disk" bad={!data.store_connected}>
        {!data.store_connected
          ? rich("trust.store_gone")
          : data.durable_lag_s === null
            ? t("trust.store")
            : rich("trust.store_lag", { lag: duration(data.durable_lag_s) })}
      </Segment>
      <Segment icon="lock">{t(`trust.origin.${originOf(data)}`)}</Segment>
    </ul>
  );
}

const originOf = (data: Overview): "policy" | "local" | "defaults" => data.station.config_origin;

function OfflineBanner(): JSX.Element | null {
  const state = offline.value;
  if (!state) return null;
  const left = Math.max(0, Math.ceil((state.retryAtMs - clock.value) / 1000));
  const since = clockTime(state.sinceMs + (stationNow.value - clock.value));
  return (
    <div class="note major" role="alert">
      <Icon name="off" />
      <div class="grow">
        <b>{t("offline.title", { since })}</b> <span aria-hidden="true">{t("offline.retry", { n: left })}</span>
        <br />
        {t("offline.hint")}
      </div>
      <button class="btn" type="button" onClick={pollNow}>
        {t("offline.now")}
      </button>
    </div>
  );
}

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const data = useOverview().data.value;
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        {t("skip")}
      </a>
      <div class="app">
        <TopBar data={data} />
        <TrustStrip data={data} />
        <Navigation data={data} />
        <main id="main" tabIndex={-1}>
          <OfflineBanner />
          {children}
        </main>
      </div>
      <Tabs data={data} />
      <SearchDialog />
      <HelpDialog />
    </>
  );
}

function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
