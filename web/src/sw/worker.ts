/** The service worker: the client without a connection, pictures that were seen, and pushes. */
import { files, page } from "virtual:client";
import { ExpirationPlugin } from "workbox-expiration";
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";

declare const self: ServiceWorkerGlobalScope;

/** What the server tells by a push: https://docs.joinmastodon.org/methods/push/ */
interface Push {
  notification_id?: string | number;
  notification_type?: string;
  title?: string;
  body?: string;
  icon?: string;
}

const pageCache = "rookery-page";
const pageKey = "/client-page";
const mediaMax = 300;
/** Pages of the server's own: without a connection there is nothing to show in their place. */
const serverPages = [
  /^\/auth\//,
  /^\/oauth\//,
  /^\/media\//,
  /^\/settings\/(account|two_factor|passkeys)/,
  /^\/(about|privacy|terms)$/,
];

precacheAndRoute(files.map((url) => ({ url, revision: null })));
cleanupOutdatedCaches();

self.addEventListener("install", (event) => {
  event.waitUntil(keepPage());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

/** Keep the client's page under the policy that this worker came with. */
async function keepPage(): Promise<void> {
  const own = await fetch("/sw.js");
  const policy = own.headers.get("content-security-policy");
  const headers = new Headers({ "Content-Type": "text/html; charset=utf-8" });
  if (policy) headers.set("Content-Security-Policy", policy);
  const cache = await caches.open(pageCache);
  await cache.put(pageKey, new Response(page, { headers }));
}

registerRoute(
  new NavigationRoute(
    async ({ request }) => {
      try {
        return await fetch(request);
      } catch (error) {
        const kept = await caches.match(pageKey, { cacheName: pageCache });
        if (kept) return kept;
        throw error;
      }
    },
    { denylist: serverPages },
  ),
);

registerRoute(
  ({ request, url, sameOrigin }) =>
    request.destination === "image" && !(sameOrigin && url.pathname.startsWith("/icons/")),
  new CacheFirst({
    cacheName: "rookery-media",
    plugins: [new ExpirationPlugin({ maxEntries: mediaMax, purgeOnQuotaError: true })],
  }),
);

self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

self.addEventListener("push", (event) => {
  const told = pushed(event.data);
  // Browsers take the permission away from those who show nothing.
  const shown = self.registration.showNotification(told.title ?? "Rookery", {
    body: told.body ?? "",
    icon: told.icon ?? "/icons/icon-192.png",
    badge: "/icons/icon-192.png",
    tag: told.notification_id === undefined ? undefined : String(told.notification_id),
    data: { path: told.notification_type === "mention" ? "/notifications/mentions" : "/notifications" },
  });
  event.waitUntil(shown);
});

function pushed(data: PushMessageData | null): Push {
  try {
    return (data?.json() as Push | null) ?? {};
  } catch {
    return { body: data?.text() };
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { path } = event.notification.data as { path: string };
  event.waitUntil(open(path));
});

/** Show a page of ours: in a window that is there, else in a new one. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const window = windows[0];
  if (window) {
    await window.focus();
    window.postMessage({ go: path });
  } else {
    await self.clients.openWindow(path);
  }
}
