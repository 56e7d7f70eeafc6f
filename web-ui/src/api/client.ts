// SPDX-License-Identifier: GPL-3.0-or-later
// One request to the REST API: every failure comes back as a value, nothing is thrown.

export type FailureCode =
  | "bad_request"
  | "unauthenticated"
  | "bad_credentials"
  | "locked"
  | "forbidden"
  | "csrf"
  | "not_found"
  | "conflict"
  | "too_large"
  | "unavailable"
  | "starting"
  | "busy"
  | "timeout"
  | "weak_password"
  | "internal"
  | "network";

export interface Failure {
  code: FailureCode;
  /** HTTP status, 0 when no answer came. */
  status: number;
  retryAfterS: number | null;
}

export type Reply<T> =
  | { kind: "value"; value: T; etag: string | null }
  | { kind: "unchanged" }
  | { kind: "failure"; failure: Failure };

const kTimeoutMs = 15_000;
let csrfToken = "";

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Sends `body` as JSON when given; a `passive` request is the page's own poll, not a person's doing: it does not keep the
 *  session awake; `etag` makes the request conditional (RFC 9110 §13.1.2). The entity tag is kept by
 *  the caller because browsers do not cache what comes over a self-signed certificate. */
export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  etag?: string | null,
  passive = false,
): Promise<Reply<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag) headers["If-None-Match"] = etag;
  if (passive) headers["X-Passive"] = "1";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), kTimeoutMs);
  try {
    const init: RequestInit = { method, headers, credentials: "same-origin", signal: abort.signal };
    if (body !== undefined) init.body = JSON.stringify(body);
    return await read<T>(await fetch(path, init));
  } catch {
    return failed(abort.signal.aborted ? "timeout" : "network", 0);
  } finally {
    clearTimeout(timer);
  }
}

async function read<T>(response: Response): Promise<Reply<T>> {
  if (response.status === 304) return { kind: "unchanged" };
  if (!response.ok) return readFailure(response);
  const value = response.status === 204 ? undefined : await response.json();
  return { kind: "value", value: value as T, etag: response.headers.get("ETag") };
}

async function readFailure(response: Response): Promise<Reply<never>> {
  try {
    const { error } = (await response.json()) as { error: { code: FailureCode; retry_after_s?: number } };
    return failed(
      error.code,
      response.status,
      error.retry_after_s ?? (Number(response.headers.get("Retry-After")) || null),
    );
  } catch {
    return failed(response.status >= 500 ? "unavailable" : "internal", response.status);
  }
}

function failed(code: FailureCode, status: number, retryAfterS: number | null = null): Reply<never> {
  return { kind: "failure", failure: { code, status, retryAfterS } };
}
