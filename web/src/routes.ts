/** Every page, by its path. Each is loaded when somebody first goes there. */
import type { Route } from "./router/router.svelte.ts";

export const routes: readonly Route[] = [
  { path: "/", load: () => import("./timeline/HomePage.svelte") },
  { path: "/sign-in", load: () => import("./entrance/SignInPage.svelte") },
  { path: "/signed-in", load: () => import("./entrance/SignedInPage.svelte") },
  { path: "/tags/:tag", load: () => import("./timeline/TagPage.svelte") },
  { path: "/bookmarks", load: () => import("./timeline/BookmarksPage.svelte"), signedIn: true },
  { path: "/favorites", load: () => import("./timeline/FavoritesPage.svelte"), signedIn: true },
  {
    path: "/notifications/requests",
    load: () => import("./notifications/RequestsPage.svelte"),
    signedIn: true,
  },
  {
    path: "/notifications/:tab?",
    load: () => import("./notifications/NotificationsPage.svelte"),
    signedIn: true,
  },
  { path: "/messages", load: () => import("./messages/MessagesPage.svelte"), signedIn: true },
  { path: "/messages/:id", load: () => import("./messages/ConversationPage.svelte"), signedIn: true },
  { path: "/explore/:tab?", load: () => import("./search/ExplorePage.svelte") },
  { path: "/search", load: () => import("./search/SearchPage.svelte") },
  { path: "/@:name", load: () => import("./profile/ProfilePage.svelte") },
  { path: "/@:name/replies", load: () => import("./profile/ProfilePage.svelte") },
  { path: "/@:name/media", load: () => import("./profile/ProfilePage.svelte") },
  { path: "/@:name/followers", load: () => import("./profile/ConnectionsPage.svelte") },
  { path: "/@:name/following", load: () => import("./profile/ConnectionsPage.svelte") },
  { path: "/@:name/:id", load: () => import("./thread/ThreadPage.svelte") },
  { path: "*", load: () => import("./entrance/NotFoundPage.svelte") },
];
