/** Every page, by its path. Each is loaded when somebody first goes there. */
import { withSentences } from "./i18n/i18n.ts";
import type { Route } from "./router/router.svelte.ts";
import HomePage from "./timeline/HomePage.svelte";

const pages: readonly Route[] = [
  { path: "/", load: () => Promise.resolve({ default: HomePage }) },
  { path: "/sign-in", load: () => import("./entrance/SignInPage.svelte") },
  { path: "/signed-in", load: () => import("./entrance/SignedInPage.svelte") },
  { path: "/welcome", load: () => import("./entrance/WelcomePage.svelte"), signedIn: true },
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
  { path: "/lists", load: () => import("./lists/ListsPage.svelte"), signedIn: true },
  { path: "/lists/:id", load: () => import("./lists/ListPage.svelte"), signedIn: true },
  { path: "/nearby", load: () => import("./nearby/NearbyPage.svelte") },
  { path: "/settings/profile", load: () => import("./profile/EditProfilePage.svelte"), signedIn: true },
  { path: "/@:name", load: () => import("./profile/ProfilePage.svelte") },
  { path: "/@:name/replies", load: () => import("./profile/ProfilePage.svelte") },
  { path: "/@:name/media", load: () => import("./profile/ProfilePage.svelte") },
  { path: "/@:name/followers", load: () => import("./profile/ConnectionsPage.svelte") },
  { path: "/@:name/following", load: () => import("./profile/ConnectionsPage.svelte") },
  { path: "/@:name/:id", load: () => import("./thread/ThreadPage.svelte") },
  { path: "/settings", load: () => import("./settings/SettingsPage.svelte"), signedIn: true },
  { path: "/settings/appearance", load: () => import("./settings/AppearancePage.svelte"), signedIn: true },
  { path: "/settings/posting", load: () => import("./settings/PostingPage.svelte"), signedIn: true },
  {
    path: "/settings/notifications",
    load: () => import("./settings/NotificationsSettingsPage.svelte"),
    signedIn: true,
  },
  { path: "/settings/filters", load: () => import("./settings/FiltersPage.svelte"), signedIn: true },
  { path: "/settings/people/:tab", load: () => import("./settings/PeoplePage.svelte"), signedIn: true },
  { path: "/settings/hashtags", load: () => import("./settings/HashtagsPage.svelte"), signedIn: true },
  { path: "/settings/security", load: () => import("./settings/SecurityPage.svelte"), signedIn: true },
  { path: "/settings/sessions", load: () => import("./settings/SessionsPage.svelte"), signedIn: true },
  { path: "/drafts", load: () => import("./composer/DraftsPage.svelte"), signedIn: true },
  { path: "/compose", load: () => import("./composer/ComposePage.svelte"), signedIn: true },
  { path: "*", load: () => import("./entrance/NotFoundPage.svelte") },
];

/** The start page brings its own sentences. */
export const routes: readonly Route[] = pages.map((page) =>
  page.path === "/" ? page : { ...page, load: () => withSentences(page.load) },
);
