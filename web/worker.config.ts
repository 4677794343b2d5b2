/** Builds the service worker, after the client: it holds the client's page and the names of the files to keep. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

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

function client(): Plugin {
  return {
    name: "rookery-client",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const page = readFileSync(`${outDir}/index.html`, "utf8");
      return `export const page = ${JSON.stringify(page)};\nexport const files = ${JSON.stringify(keptFiles())};`;
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
