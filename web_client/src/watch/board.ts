/** The board at a moment, from what happened: the page and the ink on it. Pure. */
import type { Stroke } from '../slides/drawing';
import type { Slide } from '../protocol/board';
import type { Question, Timeline, Turn } from '../protocol/rest';

type Placed = { at_ms: number };

/** How many of `list` (ascending) are at or before a position. */
export function countUntil(list: readonly Placed[], positionMs: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.at_ms ?? 0) <= positionMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function slideAt(timeline: Timeline, positionMs: number): Slide | null {
  const turn = timeline.pages[countUntil(timeline.pages, positionMs) - 1];
  return turn === undefined || turn.deck === null || turn.page === null ? null : { deck: turn.deck, page: turn.page };
}

/** What is drawn on a page when `count` marks of the timeline have been made. */
export function strokesOn(timeline: Timeline, slide: Slide, count: number): Stroke[] {
  const strokes: Stroke[] = [];
  for (const mark of timeline.ink.slice(0, count)) {
    if (mark.deck !== slide.deck || mark.page !== slide.page) continue;
    if (mark.points.length === 0) strokes.length = 0;
    else strokes.push({ color: mark.color, width: mark.width, points: mark.points });
  }
  return strokes;
}

export const turnsAt = (turns: readonly Turn[], positionMs: number, aheadMs = 0): Turn[] =>
  turns.filter((turn) => turn.at_ms - aheadMs <= positionMs && positionMs < turn.until_ms);

const CARD_MS = 15_000;

export interface Card {
  question: Question;
  hasAnswers: boolean;
}

/** The question that is shown: when it is asked, and again with the answers when it is closed. */
export function cardAt(questions: readonly Question[], positionMs: number, durationMs: number): Card | null {
  for (const question of [...questions].reverse()) {
    const isNeverClosed = question.until_ms >= durationMs;
    const hasAnswers = isNeverClosed || positionMs >= question.until_ms;
    const fromMs = hasAnswers && !isNeverClosed ? question.until_ms : question.at_ms;
    if (positionMs >= fromMs && positionMs < fromMs + CARD_MS) return { question, hasAnswers };
  }
  return null;
}

export interface IndexedPage extends Slide {
  at_ms: number;
}

const LEAFED_MS = 2000;

/** The pages in the order of the lesson, without those that were only leafed over. */
export function slideIndex(timeline: Timeline): IndexedPage[] {
  const found: IndexedPage[] = [];
  timeline.pages.forEach(({ at_ms, deck, page }, index) => {
    const nextMs = timeline.pages[index + 1]?.at_ms ?? Number.POSITIVE_INFINITY;
    if (deck === null || page === null || nextMs - at_ms < LEAFED_MS) return;
    const before = found.at(-1);
    if (before?.deck !== deck || before.page !== page) found.push({ at_ms, deck, page });
  });
  return found;
}
