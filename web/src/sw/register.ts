/** The page's side of the service worker. */
import { policy } from "../html/policy.ts";
import { language, t } from "../i18n/i18n.ts";
import { router } from "../router/router.svelte.ts";
import { toast } from "../ui/toasts.svelte.ts";

const hourMs = 3_600_000;

/** Start the worker once the page has loaded; a newer one is offered, not forced. */
export function registerWorker(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  navigator.serviceWorker.addEventListener("message", (event: MessageEvent<{ go?: string }>) => {
    if (event.data.go) router.go(event.data.go);
  });
  if (document.readyState === "complete") void register();
  else addEventListener("load", () => void register(), { once: true });
}

async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register(policy.createScriptURL("/sw.js"));
  // The worker tells of notifications while no page is there to ask.
  await noteLanguage().catch(() => undefined);
  if (registration.waiting) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
    });
  });
  setInterval(() => void registration.update().catch(() => undefined), hourMs);
}

async function noteLanguage(): Promise<void> {
  const cache = await caches.open("rookery-reader");
  await cache.put("/language", new Response(language()));
}

function offer(worker: ServiceWorker): void {
  const reload = (): void => {
    navigator.serviceWorker.addEventListener("controllerchange", () => router.reload(), { once: true });
    worker.postMessage("take over");
  };
  toast(t("app.update"), { label: t("app.reload"), run: reload });
}

/** Forget the pictures that were seen: somebody else uses this browser now. */
export async function forgetMedia(): Promise<void> {
  if ("caches" in globalThis) await caches.delete("rookery-media");
}

/** Be told of nothing any more by this browser's push service. */
export async function endPush(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}
