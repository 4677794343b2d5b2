/** The service worker: the client without a connection, pictures that were seen, and pushes. */
import { files, page, titles } from "virtual:client";
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
  /** Rookery's own: who it is about, what is told as one, and the page that shows it. */
  sender_name?: string;
  group_key?: string;
  path?: string;
}

const pageCache = "rookery-page";
const pageKey = "/client-page";
/** Where the page notes how its reader is spoken to. */
const readerCache = "rookery-reader";
const languageKey = "/language";
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
  event.waitUntil(show(pushed(event.data)));
});

/** Show a notification, in the reader's language: browsers take the permission away from those who show nothing. */
async function show(told: Push): Promise<void> {
  const language = await readersLanguage();
  const title = titles[language]?.[told.notification_type ?? ""];
  const said = title && told.sender_name && title.replace("{who}", () => told.sender_name!);
  await self.registration.showNotification(said || told.title || "Rookery", {
    body: told.body ?? "",
    icon: told.icon ?? "/icons/icon-192.png",
    badge: "/icons/icon-192.png",
    lang: said ? language : undefined,
    dir: "auto",
    // The newest of those that are told as one stands for them all.
    tag: told.group_key ?? (told.notification_id === undefined ? undefined : String(told.notification_id)),
    data: { path: told.path ?? "/notifications" },
  });
}

/** Return the language that the client was last read in. */
async function readersLanguage(): Promise<string> {
  try {
    const noted = await caches.match(languageKey, { cacheName: readerCache });
    return (await noted?.text()) ?? "en";
  } catch {
    return "en";
  }
}

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
  const ours = windows.filter(({ url }) => !serverPages.some((page) => page.test(new URL(url).pathname)));
  const window = ours.find((one) => one.focused) ?? ours[0];
  if (window) {
    // First, as a browser may refuse the focus.
    window.postMessage({ go: path });
    await window.focus();
  } else {
    await self.clients.openWindow(path);
  }
}
