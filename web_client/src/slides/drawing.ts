/** A stroke while it is drawn: of the pointer that began it, for the page on which it began. Pure. */
import type { Slide } from '../protocol/board';
import type { Point } from './geometry';

export interface Stroke {
  color: string;
  width: number;
  points: readonly Point[];
}

export type PageStroke = Stroke & Slide;

export interface Drawing {
  pointer: number;
  stroke: PageStroke;
}

export const isOf = (slide: Slide, stroke: Slide): boolean => stroke.deck === slide.deck && stroke.page === slide.page;

/** Another pointer, as a palm beside the pen, does not end the stroke that is drawn. */
export function begun(before: Drawing | null, pointer: number, stroke: PageStroke): Drawing {
  return before === null || before.pointer === pointer ? { pointer, stroke } : before;
}

/** With one more point, unless another pointer or another page has it. */
export function extended(before: Drawing | null, pointer: number, slide: Slide, point: Point): Drawing | null {
  if (before === null || before.pointer !== pointer || !isOf(slide, before.stroke)) return before;
  return { pointer, stroke: { ...before.stroke, points: [...before.stroke.points, point] } };
}
