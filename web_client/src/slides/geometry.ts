/** Where a page lies in its box, and how points on it are named: ten-thousandths of its width and height. Pure. */

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

export type Point = readonly [number, number];

export const UNITS = 10_000;
/** Bound of docs/protocol.md section 4. */
export const MAX_STROKE_POINTS = 200;

/** The page as large as it fits, in the middle. */
export function fitted(page: Size, box: Size): Rect {
  const scale = Math.min(box.width / page.width, box.height / page.height);
  const width = page.width * scale;
  const height = page.height * scale;
  return { x: (box.width - width) / 2, y: (box.height - height) / 2, width, height };
}

function unit(offset: number, length: number): number {
  const value = length > 0 ? Math.floor((offset / length) * UNITS) : 0;
  return Math.min(UNITS - 1, Math.max(0, value));
}

/** A place on the screen, which may lie outside of the page. */
export function toPage(rect: Rect, x: number, y: number): Point {
  return [unit(x - rect.x, rect.width), unit(y - rect.y, rect.height)];
}

/** The middle of the unit, in pixels from the page's corner. */
export function fromPage(size: Size, [x, y]: Point): Point {
  return [((x + 0.5) / UNITS) * size.width, ((y + 0.5) / UNITS) * size.height];
}

export function isOnPage(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;
}

/** A stroke without the points that nobody would miss: nearer than `least` units to the one before. The last stays. */
export function thinned(points: readonly Point[], least: number): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const before = kept.at(-1);
    if (before === undefined || Math.hypot(point[0] - before[0], point[1] - before[1]) >= least) kept.push(point);
  }
  const last = points.at(-1);
  if (last !== undefined && last !== kept.at(-1)) kept.push(last);
  return kept;
}

/** Pieces that the room takes; each begins where the one before ended. */
export function pieces(points: readonly Point[], most = MAX_STROKE_POINTS): Point[][] {
  const found: Point[][] = [];
  for (let start = 0; start === 0 || start < points.length - 1; start += most - 1) found.push(points.slice(start, start + most));
  return found;
}

/** The page after a step through a deck; null where it ends. */
export function turned(page: number, by: number, pageCount: number): number | null {
  const next = page + by;
  return next >= 1 && next <= pageCount ? next : null;
}
