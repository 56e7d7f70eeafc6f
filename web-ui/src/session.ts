// SPDX-License-Identifier: GPL-3.0-or-later
// Who is signed in, and the three requests that change it.

import { signal } from "@preact/signals";
import { type Failure, request, setCsrfToken } from "./api/client";
import { forgetFeeds, onSignedOut, retryDelayMs } from "./api/feed";
import type { Session } from "./api/types";
import { remember, remembered } from "./preferences";
import { navigate, route } from "./router";

export const session = signal<Session | null>(null);
/** Somebody who would be asked to set the station up wants to look first; until the page is loaded again. */
export const setupPostponed = signal(false);
export const postponeSetup = (): void => {
  setupPostponed.value = true;
};
/** Set while the station cannot say whether somebody is signed in, as when it starts: the reason. */
export const waiting = signal<Failure | null>(null);

/** The first password as it was just typed, so that who replaces it at once need not type it again; never stored. */
let typed = "";
export const typedFirst = (): string => typed;

function keep(value: Session | null): void {
  setCsrfToken(value?.csrf ?? "");
  if (!value?.must_change_password) typed = "";
  remember("signedIn", value ? "1" : null);
  session.value = value;
  waiting.value = null;
}

/** Asks the station only when this browser was signed in before: a first visit goes straight to the form. */
export async function restoreSession(): Promise<void> {
  onSignedOut(leave);
  if (remembered("signedIn")) await askSession(1);
  else leave();
}

/** Only a station that says so has forgotten us: one that starts or cannot be reached is asked again. */
async function askSession(tries: number): Promise<void> {
  const reply = await request<Session>("GET", "/api/v1/session");
  if (reply.kind === "value") return keep(reply.value);
  if (reply.kind !== "failure" || (reply.failure.status > 0 && reply.failure.status < 500)) return leave();
  waiting.value = reply.failure;
  setTimeout(() => void askSession(tries + 1), retryDelayMs(reply.failure, tries));
}

function leave(): void {
  keep(null);
  forgetFeeds();
  if (route.value.screen.name === "login") return;
  const here = location.pathname + location.search;
  navigate(here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`, { replace: true });
}

export async function signIn(user: string, password: string): Promise<Failure | null> {
  const reply = await request<Session>("POST", "/api/v1/session", { user, password });
  if (reply.kind === "failure") return reply.failure;
  if (reply.kind === "value") {
    typed = password;
    keep(reply.value);
  }
  navigate(safeNext(route.value.query.get("next")), { replace: true });
  return null;
}

/** Only a path of this station is followed after signing in, never another origin. */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith("/")) return "/";
  const url = new URL(next, location.origin);
  return url.origin === location.origin && url.pathname !== "/login" ? url.pathname + url.search : "/";
}

/** Ends the session at the station; false when it could not be told, and then the session is still alive there and here. */
export async function signOut(): Promise<boolean> {
  const reply = await request("DELETE", "/api/v1/session");
  if (reply.kind === "failure" && reply.failure.code !== "unauthenticated") return false;
  forgetFeeds();
  keep(null);
  navigate("/login", { replace: true });
  return true;
}

export async function changePassword(current: string, next: string): Promise<Failure | null> {
  const reply = await request("POST", "/api/v1/password", { current, new: next });
  if (reply.kind === "failure") return reply.failure;
  const fresh = await request<Session>("GET", "/api/v1/session");
  if (fresh.kind === "value") keep(fresh.value);
  else leave();
  return null;
}
