// Words of the page in the reader's language. A language is one file; `de` is held against `en` by
// the compiler, so that none lacks a text.
import { useSyncExternalStore } from "react";
import { de } from "./de";
import { en } from "./en";

export type Messages = { readonly [key in keyof typeof en]: string };
export type MessageKey = keyof Messages;

const LANGUAGES = { en, de } satisfies Record<string, Messages>;
export type Language = keyof typeof LANGUAGES;
/** Each language in its own words. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch" };

const KEPT = "assay.language";
const CHANGED = "assay:language";

function initial(): Language {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return (wanted.find((tag) => tag !== null && tag in LANGUAGES) as Language | undefined) ?? "en";
}

let current = initial();
document.documentElement.lang = current;

export const language = (): Language => current;

export function setLanguage(wanted: Language): void {
  current = wanted;
  localStorage.setItem(KEPT, wanted);
  document.documentElement.lang = wanted;
  dispatchEvent(new Event(CHANGED));
}

export function useLanguage(): Language {
  return useSyncExternalStore((changed) => {
    addEventListener(CHANGED, changed);
    return () => removeEventListener(CHANGED, changed);
  }, language);
}

/** A text, with `{name}` replaced, and `{name|one|many}` by the word for that many. */
export function t(key: MessageKey, values?: Record<string, string | number>): string {
  const text = LANGUAGES[current][key];
  if (!values) return text;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = String(values[name] ?? whole);
    return (one === undefined ? value : value === "1" ? one : many) ?? whole;
  });
}

/** The text for a word of the wire under `prefix`, or the word itself where there is none. */
export function word(prefix: string, value: string): string {
  const texts: Record<string, string> = LANGUAGES[current];
  return texts[`${prefix}.${value}`] ?? value.replaceAll("_", " ");
}

/** The tag by which numbers and times are written: of the reader's own region where the browser names
 * one for the language. */
const region = (): string => navigator.languages.find((tag) => tag.slice(0, 2) === current) ?? current;

export const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(region(), { maximumFractionDigits: digits }).format(value);

export const percent = (value: number, digits = 0): string =>
  new Intl.NumberFormat(region(), { style: "percent", maximumFractionDigits: digits }).format(value);

/** Dollars; small amounts keep two digits that matter. */
export const dollars = (value: number): string =>
  new Intl.NumberFormat(region(), {
    style: "currency",
    currency: "USD",
    ...(value !== 0 && Math.abs(value) < 0.1 ? { maximumSignificantDigits: 2 } : {}),
  }).format(value);

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${number(value / 1000 ** step, step === 0 ? 0 : 1)} ${units[step]}`;
}

export function duration(ms: number): string {
  if (ms < 1) return `${number(ms, 2)} ms`;
  if (ms < 1000) return `${number(ms)} ms`;
  if (ms < 120_000) return `${number(ms / 1000, 1)} s`;
  if (ms < 7_200_000) return `${number(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${number(ms / 3_600_000, 1)} h`;
  return `${number(ms / 86_400_000, 1)} d`;
}

/** Hour and minute, or day and month, in the reader's zone. */
export const clock = (seconds: number, isDay: boolean): string =>
  new Intl.DateTimeFormat(region(), isDay ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);

/** A moment in the reader's zone. */
export const moment = (iso: string): string =>
  new Intl.DateTimeFormat(region(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** How long ago, or in how long, in words. */
export function ago(iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const format = new Intl.RelativeTimeFormat(region(), { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "minute");
}
