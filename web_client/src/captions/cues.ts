/** Changing a list of captions: split, merge, add, delete; what is wrong with one. Pure. */
import type { Cue } from '../protocol/captions';

export const MAX_LINES = 4;
export const MAX_LINE_CHARACTERS = 300;
const SHORTEST_MS = 100;
const NEW_MS = 2_000;

export type Flaw = 'time' | 'order' | 'long';

/** `1:02:03.450`, as people write it; the hour only where there is one. */
export function timeText(ms: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(ms / 3_600_000);
  const rest = `${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Null for what is no time. */
export function parseTime(text: string): number | null {
  const found = /^(?:(\d{1,2}):)?(\d{1,2}):([0-5]?\d)(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (found === null) return null;
  const [, hours = '0', minutes = '0', seconds = '0', fraction = ''] = found;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
}

/** What must be mended before it can be saved, per caption that has a flaw. `order`: it begins before the one above. */
export function flawsOf(cues: readonly Cue[]): Map<number, Flaw> {
  const flaws = new Map<number, Flaw>();
  cues.forEach((cue, at) => {
    const lines = cue.text.split('\n');
    if (!(cue.begin_ms < cue.end_ms)) flaws.set(at, 'time');
    else if (at > 0 && cue.begin_ms < (cues[at - 1]?.begin_ms ?? 0)) flaws.set(at, 'order');
    else if (lines.length > MAX_LINES || lines.some((line) => line.length > MAX_LINE_CHARACTERS)) flaws.set(at, 'long');
  });
  return flaws;
}

export function changed(cues: readonly Cue[], at: number, change: Partial<Cue>): Cue[] {
  return cues.map((cue, index) => (index === at ? { ...cue, ...change } : cue));
}

/** In two at `offset` of the text, the time shared by their lengths; unchanged at either end. */
export function split(cues: readonly Cue[], at: number, offset: number): Cue[] {
  const cue = cues[at];
  if (cue === undefined) return [...cues];
  const before = cue.text.slice(0, offset).trim();
  const after = cue.text.slice(offset).trim();
  if (before === '' || after === '' || cue.end_ms - cue.begin_ms < 2 * SHORTEST_MS) return [...cues];
  const share = before.length / (before.length + after.length);
  const middle = Math.round(cue.begin_ms + share * (cue.end_ms - cue.begin_ms));
  const middleMs = Math.min(Math.max(middle, cue.begin_ms + SHORTEST_MS), cue.end_ms - SHORTEST_MS);
  return [...cues.slice(0, at), { ...cue, end_ms: middleMs, text: before }, { ...cue, begin_ms: middleMs, text: after }, ...cues.slice(at + 1)];
}

const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** With the next one; a space between, unless the scripts have none. */
export function merge(cues: readonly Cue[], at: number): Cue[] {
  const cue = cues[at];
  const next = cues[at + 1];
  if (cue === undefined || next === undefined) return [...cues];
  const isDense = SPACELESS.test(cue.text.slice(-1)) || SPACELESS.test(next.text.slice(0, 1));
  const text = [cue.text, next.text].filter((part) => part !== '').join(isDense ? '' : ' ');
  return [...cues.slice(0, at), { begin_ms: cue.begin_ms, end_ms: Math.max(cue.end_ms, next.end_ms), text }, ...cues.slice(at + 2)];
}

export function without(cues: readonly Cue[], at: number): Cue[] {
  return cues.filter((_, index) => index !== at);
}

/** An empty one where the replay stands, until the next begins; the list and where it is in it. */
export function added(cues: readonly Cue[], positionMs: number): { cues: Cue[]; at: number } {
  const found = cues.findIndex((cue) => cue.begin_ms > positionMs);
  const at = found === -1 ? cues.length : found;
  const next = cues[at];
  const end_ms = Math.max(positionMs + SHORTEST_MS, Math.min(positionMs + NEW_MS, next?.begin_ms ?? Number.POSITIVE_INFINITY));
  return { cues: [...cues.slice(0, at), { begin_ms: positionMs, end_ms, text: '' }, ...cues.slice(at)], at };
}

/** The caption that is shown at a position; -1 for none. */
export function shownAt(cues: readonly Cue[], positionMs: number): number {
  return cues.findIndex((cue) => cue.begin_ms <= positionMs && positionMs < cue.end_ms);
}

/** A language in its own words; its code where the browser has none. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}
