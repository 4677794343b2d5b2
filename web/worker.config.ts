/** Builds the service worker, after the client: it holds the client's page, the names of the files to keep, and what
 * it says of pushes. */
import { setupI18n } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { languages, sentencesOf } from "./messages.ts";

const outDir = process.env.ROOKERY_WEB_OUT ?? fileURLToPath(new URL("../src/rookery/web", import.meta.url));
const name = "virtual:client";

/** What is read without a connection: the start page, and these, with all they import. */
const keptPages = [
  "index.html",
  "src/timeline/BookmarksPage.svelte",
  "src/thread/ThreadPage.svelte",
  "src/profile/ProfilePage.svelte",
  "src/notifications/NotificationsPage.svelte",
  "src/composer/Composer.svelte",
];

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

/** Return the files of the kept pages, and every language. Their names change with what they hold. */
function keptFiles(): string[] {
  const chunks = JSON.parse(readFileSync(`${outDir}/build.json`, "utf8")) as Record<string, Chunk>;
  const files = new Set<string>();
  const add = (key: string): void => {
    const chunk = chunks[key];
    if (!chunk) throw new Error(`the build has no ${key}`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.css?.forEach((file) => files.add(file));
    chunk.imports?.forEach(add);
  };
  keptPages.forEach(add);
  Object.keys(chunks)
    .filter((key) => key.includes("messages/"))
    .forEach(add);
  return [...files].filter((file) => !file.endsWith(".html")).map((file) => `/${file}`);
}

/** Return by language what is said of a notification of each kind; `{who}` is left open. */
function titles(): Record<string, Record<string, string>> {
  const prefix = "notifications.kind.";
  const titlesIn = (language: string): Record<string, string> => {
    const sentences = Object.entries(sentencesOf(language)).filter(([key]) => key.startsWith(prefix));
    const messages = Object.fromEntries(sentences.map(([key, text]) => [key, compileMessage(text)]));
    const i18n = setupI18n({ locale: language, messages: { [language]: messages } });
    return Object.fromEntries(
      sentences.map(([key]) => [key.slice(prefix.length), i18n._(key, { who: "{who}", count: 1 })]),
    );
  };
  return Object.fromEntries(languages().map((language) => [language, titlesIn(language)]));
}

function client(): Plugin {
  return {
    name: "rookery-client",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const page = readFileSync(`${outDir}/index.html`, "utf8");
      const held = { page, files: keptFiles(), titles: titles() };
      return Object.entries(held)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
        .join("\n");
    },
  };
}

export default defineConfig({
  plugins: [client()],
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: "src/sw/worker.ts",
      output: { format: "iife", entryFileNames: "sw.js" },
    },
  },
});
