import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { emojis } from "./emojis.ts";
import { messages } from "./messages.ts";

// Where the built client goes, and the service that the development server speaks to.
const outDir = process.env.ROOKERY_WEB_OUT ?? "../src/rookery/web";
const service = process.env.ROOKERY_SERVICE ?? "http://127.0.0.1:8000";
const behind = ["/api", "/oauth", "/auth", "/media", "/static", "/nodeinfo", "/.well-known"];

export default defineConfig({
  plugins: [svelte(), messages(), emojis()],
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // `data:` addresses would need holes in the Content-Security-Policy
    modulePreload: { polyfill: false },
    manifest: "build.json",
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What a first visit needs comes in one piece: fifty small ones take longer, and compress worse.
        codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] },
      },
    },
  },
  server: { proxy: Object.fromEntries(behind.map((path) => [path, { target: service, ws: true }])) },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
