/** Where everything begins. */
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { loadLanguage } from "./i18n/i18n.ts";
import { router } from "./router/router.svelte.ts";
import { routes } from "./routes.ts";
import { registerWorker } from "./sw/register.ts";
import { preferences } from "./state/preferences.svelte.ts";

preferences.applyTheme();

// After an upgrade an old window may ask for a file that is gone: begin anew with the new program, once.
addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("rookery.reloaded") ?? 0);
  if (!navigator.onLine || Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem("rookery.reloaded", String(Date.now()));
  router.reload();
});

// Who signs out in one window, or in as somebody else, does so in all of them.
addEventListener("storage", ({ key }) => {
  if (key === "rookery.token" || key === null) location.reload();
});

// No `await` here: every other file imports this one, and would wait with it.
void loadLanguage().then(() => {
  router.start(routes);
  mount(App, { target: document.getElementById("app")! });
  registerWorker();
});
