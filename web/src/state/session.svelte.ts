/** Who is signed in at this browser, and what the service is like. Both are kept, so that the next start needs no answer. */
import type { mastodon } from "masto";
import { api, speakFor } from "../api/client.ts";
import { statusOf } from "../api/errors.ts";

const tokenKey = "rookery.token";
const accountKey = "rookery.account";
const instanceKey = "rookery.instance";

function kept<T>(key: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

class Session {
  token = $state.raw(localStorage.getItem(tokenKey) ?? "");
  account = $state.raw<mastodon.v1.CredentialAccount | undefined>(kept(accountKey));
  instance = $state.raw<mastodon.v2.Instance | undefined>(kept(instanceKey));
  /** True when the server has refused the token: somebody has to sign in again. */
  ended = $state(false);
  readonly signedIn = $derived(this.token !== "");

  constructor() {
    speakFor(this.token);
  }

  /** Ask who we are and what the service is like; what is kept is shown meanwhile. */
  async refresh(): Promise<void> {
    const asked: Promise<void>[] = [(async () => this.#keepInstance(await api().v2.instance.fetch()))()];
    if (this.token) asked.push((async () => this.keepAccount(await api().v1.accounts.verifyCredentials()))());
    for (const answer of await Promise.allSettled(asked)) {
      if (answer.status === "rejected" && statusOf(answer.reason) === 401) {
        // Whoever sits here now need not be the one whose tweets are kept.
        this.end();
        this.ended = true;
      }
    }
  }

  /** Take a new token, once it is known whose it is: what one user has left must never be done as another. */
  async begin(token: string): Promise<void> {
    speakFor(token);
    try {
      this.keepAccount(await api().v1.accounts.verifyCredentials());
    } catch (error) {
      speakFor(this.token);
      throw error;
    }
    localStorage.setItem(tokenKey, token);
    this.token = token;
    this.ended = false;
  }

  /** Forget everything about who was signed in. */
  end(): void {
    localStorage.removeItem(tokenKey);
    localStorage.removeItem(accountKey);
    this.token = "";
    this.account = undefined;
    speakFor("");
  }

  keepAccount(account: mastodon.v1.CredentialAccount): void {
    this.account = account;
    localStorage.setItem(accountKey, JSON.stringify(account));
  }

  #keepInstance(instance: mastodon.v2.Instance): void {
    this.instance = instance;
    localStorage.setItem(instanceKey, JSON.stringify(instance));
  }
}

export const session = new Session();
