/** Signing in by OAuth 2 with PKCE (RFC 6749, 7636) as the service's own app, and out. */
import { Failure } from "../api/errors.ts";
import { sentenceOf } from "../api/raw.ts";
import { t } from "../i18n/i18n.ts";
import { forgetSearches } from "../search/recent.ts";
import { outbox } from "../state/outbox.svelte.ts";
import { preferences } from "../state/preferences.svelte.ts";
import { session } from "../state/session.svelte.ts";
import { filePrefix, store } from "../state/store.ts";
import { endPush, forgetMedia } from "../sw/register.ts";

const clientId = "rookery-web";
const scopes = "read write follow push";
const key = "rookery.signing";
const leavingKey = "rookery.leaving";
const personKey = "rookery.person";

interface Begun {
  state: string;
  verifier: string;
  next: string;
}

function redirectUri(): string {
  return `${location.origin}/signed-in`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function secret(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Leave for the sign-in page; afterwards the browser comes back to `next`, a path of ours. */
export async function beginSigningIn(next: string): Promise<void> {
  const begun: Begun = { state: secret(), verifier: secret(), next };
  sessionStorage.setItem(key, JSON.stringify(begun));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier));
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri(),
    response_type: "code",
    scope: scopes,
    state: begun.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  location.assign(`/oauth/authorize?${query}`);
}

/** Finish at /signed-in: exchange the code, and return the path to go on to. Throws Failure. */
export async function finishSigningIn(query: URLSearchParams): Promise<string> {
  const begun = JSON.parse(sessionStorage.getItem(key) ?? "null") as Begun | null;
  sessionStorage.removeItem(key);
  const code = query.get("code");
  if (!code) throw new Failure(400, query.get("error_description") ?? "");
  if (!begun || query.get("state") !== begun.state) throw new Failure(400, "");
  const response = await fetch("/oauth/token", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      code,
      redirect_uri: redirectUri(),
      code_verifier: begun.verifier,
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Failure(response.status, sentenceOf(text));
  await session.begin((JSON.parse(text) as { access_token: string }).access_token);
  localStorage.removeItem(leavingKey);
  if (localStorage.getItem(personKey) !== session.account?.id) await forgetHabits();
  localStorage.setItem(personKey, session.account?.id ?? "");
  return begun.next;
}

/** Tell whether the sign-in page has let somebody in whom this client does not know yet. */
export function isAnotherSignedInAtPages(): boolean {
  return !session.signedIn && document.documentElement.dataset.signedIn !== undefined;
}

/** Return how much only this device knows: drafts, and what waits to be sent. */
async function unsent(): Promise<number> {
  await outbox.flush();
  const kept = await store.entries("drafts");
  return kept.filter(([key]) => !key.startsWith(filePrefix)).length + (await store.entries("outbox")).length;
}

/** End the token and the browser's session, and begin anew as a stranger; ask first when that loses what was typed. */
export async function signOut(): Promise<void> {
  const count = await unsent();
  if (count > 0 && !confirm(t("entrance.loses", { count }))) return;
  localStorage.setItem(leavingKey, session.token);
  // Before the session ends, as what is kept is kept by user.
  await store.forget();
  session.end();
  await forgetHabits();
  // With the token ends what it subscribed to; this browser's end of it would wait for nothing.
  await endPush().catch(() => undefined);
  await leave();
  location.assign("/");
}

/** Tell whether somebody has signed out of whom the server does not know it yet. */
export function isLeaving(): boolean {
  return localStorage.getItem(leavingKey) !== null;
}

/** Tell the server that somebody has signed out; without a connection the next visit does. */
export async function leave(): Promise<void> {
  const token = localStorage.getItem(leavingKey) ?? "";
  try {
    await told("/oauth/revoke", { client_id: clientId, token });
    const shell = await (await fetch("/", { cache: "no-store" })).text();
    const csrf = /<meta name="rookery-csrf" content="([^"]+)"/.exec(shell)?.[1];
    if (csrf) await told("/auth/sign_out", { csrf });
    localStorage.removeItem(leavingKey);
  } catch {
    // It is tried again at the next visit.
  }
}

async function told(path: string, form: Record<string, string>): Promise<void> {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  if (!answer.ok && answer.type !== "opaqueredirect") throw new Failure(answer.status, "");
}

/** Forget what this device shows of its last user's habits to whoever comes next. */
async function forgetHabits(): Promise<void> {
  forgetSearches();
  preferences.set("homeLists", []);
  preferences.set("homeTab", "newest");
  await forgetMedia();
}
