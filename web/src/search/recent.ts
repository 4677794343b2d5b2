/** What was searched for on this device lately, the newest first. */
const key = "rookery.searches";
const keptMax = 8;

export function recentSearches(): string[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]") as string[];
  } catch {
    return [];
  }
}

export function noteSearch(words: string): void {
  const others = recentSearches().filter((one) => one.toLowerCase() !== words.toLowerCase());
  localStorage.setItem(key, JSON.stringify([words, ...others].slice(0, keptMax)));
}

export function forgetSearches(): void {
  localStorage.removeItem(key);
}
