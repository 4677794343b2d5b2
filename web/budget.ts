/** Fails when the first load of the client needs more JavaScript than promised: 100 kB, compressed by gzip. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const bytesMax = 100_000;
const out = process.env.ROOKERY_WEB_OUT ?? new URL("../src/rookery/web", import.meta.url).pathname;

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
}

const chunks = JSON.parse(readFileSync(`${out}/build.json`, "utf8")) as Record<string, Chunk>;
// What a first visit of the start page loads: the entry, which holds the page itself, and English.
const first = ["index.html", ...Object.keys(chunks).filter((name) => name.endsWith("messages/en"))];
const files = new Set<string>();

function add(name: string): void {
  const chunk = chunks[name];
  if (!chunk) throw new Error(`the build has no ${name}`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  chunk.imports?.forEach(add);
}

first.forEach(add);
const bytes = [...files].reduce(
  (sum, file) => sum + gzipSync(readFileSync(`${out}/${file}`), { level: 9 }).length,
  0,
);
console.log(
  `first load: ${bytes} bytes of JavaScript in ${files.size} files, compressed; ${bytesMax} at the most`,
);
if (bytes > bytesMax) process.exit(1);
