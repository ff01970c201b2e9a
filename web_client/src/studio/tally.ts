/** Counts of a round or poll -> bars to draw. Pure. */
import type { AnswerKind } from '../protocol/board';

export interface Bar {
  label: string;
  value: number;
  of: number;
}

/** A count is one bar of its whole; choices are one bar each, of all that chose. */
export function barsOf(kind: AnswerKind, choices: readonly string[], counts: readonly number[]): Bar[] {
  switch (kind) {
    case 'count':
      return counts.length < 2 ? [] : [{ label: '', value: counts[0] ?? 0, of: counts[1] ?? 0 }];
    case 'choice': {
      const all = counts.reduce((sum, count) => sum + count, 0);
      return choices.map((label, index) => ({ label, value: counts[index] ?? 0, of: all }));
    }
    case 'text':
      return [];
  }
}

/** 0 to 1; nothing of nothing is nothing. */
export function ratioOf(bar: Bar): number {
  return bar.of <= 0 ? 0 : Math.min(1, bar.value / bar.of);
}

export function percentOf(bar: Bar): number {
  return Math.round(ratioOf(bar) * 100);
}

/** What was typed as choices: trimmed, without the empty ones. */
export function filledChoices(choices: readonly string[]): string[] {
  return choices.map((choice) => choice.trim()).filter((choice) => choice !== '');
}
