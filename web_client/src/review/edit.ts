/** What an edit does to a lesson's timeline. Pure; positions in ms of the lesson as it was taught. */
import type { Edit, NamedChapter } from '../protocol/versions';

/** From and until. */
export type Range = readonly [number, number];

/** Shorter ones are slips of the hand. */
export const SHORTEST_MS = 100;

/** What is kept, in order; the whole lesson where nothing was cut. */
export function keptOf(edit: Edit, lengthMs: number): Range[] {
  if (edit.kept.length === 0) return [[0, lengthMs]];
  return edit.kept.map(([from, until]): Range => [from, Math.min(until, lengthMs)]).filter(([from, until]) => from < until);
}

/** What is not kept, in order. */
export function cutsOf(edit: Edit, lengthMs: number): Range[] {
  const cuts: Range[] = [];
  let at = 0;
  for (const [from, until] of keptOf(edit, lengthMs)) {
    if (from > at) cuts.push([at, from]);
    at = until;
  }
  if (at < lengthMs) cuts.push([at, lengthMs]);
  return cuts;
}

export function lengthOf(edit: Edit, lengthMs: number): number {
  return keptOf(edit, lengthMs).reduce((sum, [from, until]) => sum + until - from, 0);
}

function withCuts(edit: Edit, cuts: readonly Range[], lengthMs: number): Edit {
  const kept: [number, number][] = [];
  let at = 0;
  for (const [from, until] of [...cuts].sort((one, other) => one[0] - other[0])) {
    if (from > at) kept.push([at, from]);
    at = Math.max(at, until);
  }
  if (at < lengthMs) kept.push([at, lengthMs]);
  if (kept.length === 0) return edit;
  return { ...edit, kept: kept.length === 1 && kept[0]?.[0] === 0 && kept[0][1] === lengthMs ? [] : kept };
}

/** Takes a range out. The last thing that is left is never taken. */
export function cut(edit: Edit, range: Range, lengthMs: number): Edit {
  const from = Math.max(0, Math.round(Math.min(...range)));
  const until = Math.min(lengthMs, Math.round(Math.max(...range)));
  return until - from < SHORTEST_MS ? edit : withCuts(edit, [...cutsOf(edit, lengthMs), [from, until]], lengthMs);
}

/** Puts a cut back. */
export function restore(edit: Edit, range: Range, lengthMs: number): Edit {
  const cuts = cutsOf(edit, lengthMs).filter(([from, until]) => from !== range[0] || until !== range[1]);
  return cuts.length === 0 ? { ...edit, kept: [] } : withCuts(edit, cuts, lengthMs);
}

/** Where a preview of the edit goes on from here; null at its end. */
export function nextKept(edit: Edit, lengthMs: number, positionMs: number): number | null {
  for (const [from, until] of keptOf(edit, lengthMs)) {
    if (positionMs < until) return Math.max(from, positionMs);
  }
  return null;
}

/** Where a moment of the lesson stands in the edited replay. */
export function placeOf(edit: Edit, lengthMs: number, positionMs: number): number {
  let before = 0;
  for (const [from, until] of keptOf(edit, lengthMs)) {
    if (positionMs < until) return before + Math.max(0, positionMs - from);
    before += until - from;
  }
  return before;
}

export function renamed(chapters: readonly NamedChapter[], index: number, title: string): NamedChapter[] {
  return chapters.map((one, number) => (number === index ? { ...one, title } : one));
}

/** In its place; one that begins at the same moment is replaced. */
export function added(chapters: readonly NamedChapter[], chapter: NamedChapter): NamedChapter[] {
  const others = chapters.filter((one) => one.at_ms !== chapter.at_ms);
  return [...others, chapter].sort((one, other) => one.at_ms - other.at_ms);
}

/** Past, present, future. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
}

const REMEMBERED = 100;

export type Change<T> = { type: 'set'; to: T } | { type: 'undo' } | { type: 'redo' } | { type: 'begin'; with: T };

export function changeHistory<T>(history: History<T>, change: Change<T>): History<T> {
  const { past, present, future } = history;
  switch (change.type) {
    case 'begin':
      return { past: [], present: change.with, future: [] };
    case 'set':
      if (change.to === present) return history;
      return { past: [...past, present].slice(-REMEMBERED), present: change.to, future: [] };
    case 'undo': {
      const before = past.at(-1);
      return before === undefined ? history : { past: past.slice(0, -1), present: before, future: [present, ...future] };
    }
    case 'redo': {
      const after = future[0];
      return after === undefined ? history : { past: [...past, present], present: after, future: future.slice(1) };
    }
  }
}
