/** Pictures for the seek bar: a WebVTT whose cues name a part of a sprite. Pure. */

export interface Tile {
  fromS: number;
  untilS: number;
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMES = /^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3}) --> (?:(\d+):)?(\d\d):(\d\d)\.(\d{3})/;
const PLACE = /^([\w.-]+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

const seconds = (hours: string | undefined, minutes = '0', rest = '0', ms = '0'): number =>
  Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest) + Number(ms) / 1000;

/** @param base the storyboard's own address, beside which the sprites lie */
export function parseStoryboard(text: string, base: string): Tile[] {
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index): Tile[] => {
    const times = TIMES.exec(line);
    const place = PLACE.exec(lines[index + 1]?.trim() ?? '');
    if (times === null || place === null) return [];
    const [x = 0, y = 0, width = 0, height = 0] = place.slice(2).map(Number);
    return [{ fromS: seconds(...spread(times, 1)), untilS: seconds(...spread(times, 5)), url: folder + (place[1] ?? ''), x, y, width, height }];
  });
}

function spread(match: RegExpExecArray, from: number): [string | undefined, string | undefined, string | undefined, string | undefined] {
  return [match[from], match[from + 1], match[from + 2], match[from + 3]];
}

export const tileAt = (tiles: readonly Tile[], positionS: number): Tile | null =>
  tiles.find((tile) => tile.fromS <= positionS && positionS < tile.untilS) ?? tiles.at(-1) ?? null;
