import type { Chapter } from '../protocol/rest';

/** Which chapter a position is in; the last one also at the very end. */
export function chapterAt(chapters: readonly Chapter[], positionMs: number): number {
  const next = chapters.findIndex((chapter) => chapter.start_ms > positionMs);
  return (next === -1 ? chapters.length : next) - 1;
}

const AGAIN_MS = 3000;

/** Where `steps` chapters on, or back, begin; back means to the begin of this one, unless it has only begun. */
export function chapterBeside(chapters: readonly Chapter[], positionMs: number, step: 1 | -1): number | null {
  const at = chapterAt(chapters, positionMs);
  const here = chapters[at];
  if (here === undefined) return null;
  if (step === -1 && positionMs - here.start_ms > AGAIN_MS) return here.start_ms;
  return chapters[at + step]?.start_ms ?? null;
}
