/** Notifications on this device while the client is closed: Web Push (RFC 8030, 8291), through the service worker. */
import { api } from "../api/client.ts";
import { statusOf } from "../api/errors.ts";
import { call } from "../api/raw.ts";

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

  /** Find out how it stands: whether this browser is subscribed, and for whoever is signed in now. */
  async look(): Promise<void> {
    const subscription = await (await registered())?.pushManager.getSubscription();
    if (!subscription) return;
    try {
      const { endpoint } = await api().v1.push.subscription.fetch();
      this.on = endpoint === subscription.endpoint;
    } catch (error) {
      // Without an answer the browser's word counts.
      this.on = statusOf(error) !== 404;
    }
  }

  /** Ask the person, and subscribe. To be called by a press: browsers ask nobody otherwise.
   * Return whether they have agreed. Throws what goes wrong. */
  async turnOn(): Promise<boolean> {
    const permission = await Notification.requestPermission();
    this.refused = permission === "denied";
    if (permission !== "granted") return false;
    const made = await subscribed();
    const { endpoint, keys } = made.toJSON();
    try {
      // `standard` asks for the encryption of RFC 8291, which `masto` does not know.
      await call("POST", "/api/v1/push/subscription", {
        subscription: { endpoint, keys, standard: true },
        data: { alerts },
      });
    } catch (error) {
      await made.unsubscribe();
      throw error;
    }
    this.on = true;
    return true;
  }

  async turnOff(): Promise<void> {
    await (await (await registered())?.pushManager.getSubscription())?.unsubscribe();
    await api().v1.push.subscription.remove();
    this.on = false;
  }
}

async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  return "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration() : undefined;
}

/** Subscribe this browser at its push service. Throws DOMException when that cannot be. */
async function subscribed(): Promise<PushSubscription> {
  // Not `ready`: where no worker could be started, it would be waited for without end.
  if (!(await registered())) throw new DOMException("there is no service worker", "NotSupportedError");
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = {
    userVisibleOnly: true,
    applicationServerKey: (await api().v2.instance.fetch()).configuration.vapid.publicKey,
  };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    // A subscription under another key, of the service before it was set up anew, stands in the way.
    const other = await pushManager.getSubscription();
    if (!other) throw error;
    await other.unsubscribe();
    return await pushManager.subscribe(options);
  }
}

export const devicePush = new DevicePush();
