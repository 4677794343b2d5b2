/** The language people read: sentences (compiled at build), dates, numbers and the direction of writing. */
import { setupI18n } from "@lingui/core";

type Loader = () => Promise<{ default: Record<string, never> }>;
/** What the start page says, and what all others say more. */
const loaders: Record<string, [first: Loader, more: Loader]> = {
  en: [() => import("virtual:messages/en"), () => import("virtual:messages/en/more")],
  de: [() => import("virtual:messages/de"), () => import("virtual:messages/de/more")],
  ar: [() => import("virtual:messages/ar"), () => import("virtual:messages/ar/more")],
};
const key = "rookery.language";
const rightToLeft = new Set(["ar", "fa", "he", "ur"]);
const i18n = setupI18n();

/** The languages the client speaks, as BCP 47 tags. */
export const languages = Object.keys(loaders);

/** Load the language that was chosen, else the browser's, else English. To be called once, before anything is shown. */
export async function loadLanguage(): Promise<void> {
  const wanted = [localStorage.getItem(key) ?? "", ...navigator.languages].map(
    (tag) => tag.split("-")[0] ?? "",
  );
  const language = wanted.find((tag) => tag in loaders) ?? "en";
  const { default: messages } = await loaders[language]![0]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  document.documentElement.dir = rightToLeft.has(language) ? "rtl" : "ltr";
}

let more: Promise<void> | undefined;

async function loadMore(): Promise<void> {
  const { default: messages } = await loaders[i18n.locale]![1]();
  i18n.load(i18n.locale, messages);
}

/** Load a part of the program that does not come with the start page, together with what it says. */
export async function withSentences<T>(load: () => Promise<T>): Promise<T> {
  more ??= loadMore().catch((error: unknown) => {
    more = undefined;
    throw error;
  });
  const [part] = await Promise.all([load(), more]);
  return part;
}

/** Read everything in another language from now on: the page begins anew. */
export function chooseLanguage(language: string): void {
  localStorage.setItem(key, language);
  location.reload();
}

/** Return the language that is shown. */
export function language(): string {
  return i18n.locale;
}

/** Return a sentence: `AREA.key` of `src/locales`, with its values put in. */
export function t(id: string, values?: Record<string, unknown>): string {
  return i18n._(id, values);
}

const formats = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>();

function format<T extends Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>(
  name: string,
  make: () => T,
): T {
  let known = formats.get(name);
  if (!known) formats.set(name, (known = make()));
  return known as T;
}

/** Return a number as it is read, such as 12,345. */
export function number(value: number): string {
  return format("number", () => new Intl.NumberFormat(i18n.locale)).format(value);
}

/** Return a number in little room, such as 12K. */
export function compact(value: number): string {
  return format(
    "compact",
    () => new Intl.NumberFormat(i18n.locale, { notation: "compact", maximumFractionDigits: 1 }),
  ).format(value);
}

/** Return a day, such as 3 May 2026. */
export function day(time: string | number): string {
  return format("day", () => new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium" })).format(
    new Date(time),
  );
}

/** Return a day and time, such as 3 May 2026, 14:05. */
export function moment(time: string | number): string {
  return format(
    "moment",
    () => new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" }),
  ).format(new Date(time));
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Return how long ago something was, such as 5m, or the day when it is more than a week. */
export function ago(time: string | number, now: number): string {
  // A server's clock may be a little ahead: nothing has happened in the future.
  const seconds = Math.min(0, Math.round((new Date(time).getTime() - now) / 1000));
  if (Math.abs(seconds) > 7 * 86_400) {
    const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
    const name = sameYear ? "month-day" : "day";
    return format(
      name,
      () =>
        new Intl.DateTimeFormat(
          i18n.locale,
          sameYear ? { month: "short", day: "numeric" } : { dateStyle: "medium" },
        ),
    ).format(new Date(time));
  }
  if (seconds === 0) {
    const now = () => new Intl.RelativeTimeFormat(i18n.locale, { style: "narrow", numeric: "auto" });
    return format("now", now).format(0, "second");
  }
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return format("ago", () => new Intl.RelativeTimeFormat(i18n.locale, { style: "narrow" })).format(
    Math.trunc(seconds / length),
    unit,
  );
}
