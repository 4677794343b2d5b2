/** Notifications on this device while the client is closed: Web Push (RFC 8030, 8291), through the service worker. */
import { api } from "../api/client.ts";
import { call } from "../api/raw.ts";
import { session } from "../state/session.svelte.ts";

const alerts = {
  mention: true,
  status: true,
  reblog: true,
  follow: true,
  favourite: true,
  poll: true,
  quote: true,
} as const;

class DevicePush {
  /** Whether this browser can do it at all. */
  readonly possible =
    "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
  on = $state(false);
  /** Whether the person has refused it to this site: only the browser's own settings can change that. */
  refused = $state(this.possible && Notification.permission === "denied");

  /** Find out how it stands. */
  async look(): Promise<void> {
    if (!this.possible) return;
    const registration = await navigator.serviceWorker.getRegistration();
    this.on = (await registration?.pushManager.getSubscription()) != null;
  }

  /** Ask the person, and subscribe. To be called by a press: browsers ask nobody otherwise. Throws what goes wrong. */
  async turnOn(): Promise<void> {
    const permission = await Notification.requestPermission();
    this.refused = permission === "denied";
    if (permission !== "granted") return;
    const registration = await navigator.serviceWorker.ready;
    const key = session.instance?.configuration.vapid?.publicKey;
    const made = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: key,
    });
    const { endpoint, keys } = made.toJSON();
    // `standard` asks for the encryption of RFC 8291, which `masto` does not know.
    await call("POST", "/api/v1/push/subscription", {
      subscription: { endpoint, keys, standard: true },
      data: { alerts },
    });
    this.on = true;
  }

  async turnOff(): Promise<void> {
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    await api().v1.push.subscription.remove();
    this.on = false;
  }
}

export const devicePush = new DevicePush();
