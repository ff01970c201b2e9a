/** Figures as people read them. Pure; `language` is a BCP 47 tag. */
import type { Spans } from './report';

const MINUTE_MS = 60_000;

/** `12.5`: minutes, one decimal where they are few. */
export function minutesText(ms: number, language: string): string {
  const minutes = ms / MINUTE_MS;
  const digits = minutes >= 10 || minutes === Math.round(minutes) ? 0 : 1;
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(minutes);
}

/** `94 %`. A little is not nothing, and nearly all is not all. */
export function percentText(ratio: number, language: string): string {
  const percent = Math.round(ratio * 100);
  const honest = ratio > 0 && percent === 0 ? 1 : ratio < 1 && percent === 100 ? 99 : percent;
  return new Intl.NumberFormat(language, { style: 'percent' }).format(honest / 100);
}

export type Evenness = 'none' | 'even' | 'uneven' | 'few';

/** What a Gini coefficient of time on stage says; the page shows the number too. */
export function evennessOf(gini: number | null): Evenness {
  if (gini === null) return 'none';
  if (gini < 0.2) return 'even';
  return gini < 0.45 ? 'uneven' : 'few';
}

export function giniText(gini: number, language: string): string {
  return new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(gini);
}

export function dayText(atMs: number, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone }).format(atMs);
}

export function timeText(atMs: number, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(atMs);
}

const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120];

/** Whole times of the clock within a lesson, at most `most` of them. */
export function ticksOf(fromMs: number, toMs: number, most = 8): number[] {
  const step = (STEPS_MIN.find((minutes) => (toMs - fromMs) / (minutes * MINUTE_MS) <= most) ?? 240) * MINUTE_MS;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at < toMs; at += step) ticks.push(at);
  return ticks;
}

/** Where a moment lies in the lesson, 0 to 1000. */
export function placeOf(atMs: number, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0;
  return Math.min(1000, Math.max(0, ((atMs - fromMs) / (toMs - fromMs)) * 1000));
}

/** What is left of a lesson when `spans` (in order, apart) are taken out. */
export function gapsOf(spans: Spans, fromMs: number, toMs: number): Spans {
  const gaps: Spans = [];
  let at = fromMs;
  for (const [start, end] of spans) {
    if (at < start) gaps.push([at, start]);
    at = Math.max(at, end);
  }
  if (at < toMs) gaps.push([at, toMs]);
  return gaps;
}

/** `2026-09-01`, as a date field has it, in this computer's zone. */
export function dateField(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Midnight at the beginning of a date field's day, or of the day after. */
export function dayStartMs(field: string, days = 0): number {
  const [year = 1970, month = 1, day = 1] = field.split('-').map(Number);
  return new Date(year, month - 1, day + days).getTime();
}
