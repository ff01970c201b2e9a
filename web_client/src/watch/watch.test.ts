import { describe, expect, it } from 'vitest';
import type { Picture, Replay } from '../protocol/replays';
import type { Timeline } from '../protocol/rest';
import { resigned, signaturesOf } from './addresses';
import { cardAt, countUntil, slideAt, slideIndex, strokesOn } from './board';
import { goOnAt, momentOfAddress, parseMoment, storePosition, storedPosition } from './moment';
import { Played } from './played';
import type { Preferences } from './preferences';
import { keepPreferences, readPreferences } from './preferences';
import { savedMegabytesPerHour } from './saving';
import { sceneAt } from './scene';
import { stepSpeed } from './speeds';
import { parseStoryboard, tileAt } from './storyboard';

const ink = (at_ms: number, page: number, points: [number, number][] = [[0, 0]]): Timeline['ink'][number] => ({ at_ms, deck: 'd', page, color: '#f00', width: 9, points });
const TIMELINE: Timeline = {
  chapters: [],
  pages: [
    { at_ms: 0, deck: 'd', page: 1 },
    { at_ms: 10_000, deck: 'd', page: 2 },
    { at_ms: 11_000, deck: 'd', page: 3 },
    { at_ms: 30_000, deck: null, page: null },
  ],
  ink: [ink(1000, 1), ink(2000, 1), ink(3000, 1, []), ink(4000, 1), ink(12_000, 3)],
  questions: [
    { at_ms: 5000, until_ms: 40_000, kind: 'round', prompt: '?', choices: [], tally: [1, 2] },
    { at_ms: 60_000, until_ms: 90_000, kind: 'poll', prompt: '!', choices: ['a'], tally: [3] },
  ],
  stage: [{ at_ms: 50_000, until_ms: 55_000, seat: 'seat_a', name: 'Hill school' }],
  screens: [{ at_ms: 20_000, until_ms: 32_000, seat: 'pub', name: '' }],
  photos: [{ at_ms: 41_000, until_ms: 44_000, seat: 'seat_a', name: 'Hill school' }],
};
const picture = (kind: Picture['kind'], ...rates: number[]): Picture => ({
  resource: `res_${kind}`,
  kind,
  seat: kind === 'stage' ? 'seat_a' : null,
  classroom: '',
  hls_url: `/media/1.old/ver_a/${kind}.m3u8`,
  poster_url: null,
  storyboard_url: null,
  renditions: rates.map((bit_rate_bps) => ({ width: 1, height: 1, bit_rate_bps })),
});
const REPLAY = {
  pictures: [picture('teacher', 1_200_000, 200_000), picture('screen', 800_000, 100_000), picture('stage')],
  decks: [{ id: 'd', title: '', pages: [] }],
  sound: { hls_url: '/media/1.old/ver_a/audio.m3u8' },
} as unknown as Replay;
const PLAIN: Preferences = { layout: 'side', isSwapped: false, isTeacherHidden: false, captions: null, captionSize: 'medium', saving: 'off' };

describe('the board at a moment', () => {
  it('shows the page and the ink of then, whichever way one came', () => {
    const strokes = (atMs: number): number => {
      const slide = slideAt(TIMELINE, atMs);
      return slide === null ? -1 : strokesOn(TIMELINE, slide, countUntil(TIMELINE.ink, atMs)).length;
    };
    expect([500, 1000, 2500, 3500, 9000, 10_500, 12_500, 31_000].map(strokes)).toEqual([0, 1, 2, 0, 1, 0, 1, -1]);
    expect(slideIndex(TIMELINE).map(({ at_ms, page }) => [at_ms, page])).toEqual([
      [0, 1],
      [11_000, 3],
    ]);
  });

  it('asks when it was asked and answers when it was closed', () => {
    const seen = (atMs: number): string => {
      const card = cardAt(TIMELINE.questions, atMs, 90_000);
      return card === null ? '' : `${card.question.prompt}${card.hasAnswers ? '=' : ''}`;
    };
    expect([4000, 6000, 25_000, 41_000, 56_000, 61_000].map(seen)).toEqual(['', '?', '', '?=', '', '!=']);
  });
});

describe('the scene', () => {
  const scene = (atMs: number, change: Partial<Preferences> = {}): string => {
    const { teacher, board, boardKind, screen, stage } = sceneAt(REPLAY, TIMELINE, atMs, { ...PLAIN, ...change }, null);
    return [teacher, board, boardKind ?? '-', screen === null ? '-' : 'loaded', stage.map((one) => (one.isSeen ? 'seen' : 'coming')).join()].join(' ');
  };

  it('follows the lesson', () => {
    expect(scene(1000)).toBe('small big slides - ');
    expect(scene(15_000)).toBe('small big slides loaded ');
    expect(scene(21_000)).toBe('small big screen loaded ');
    expect(scene(45_000)).toBe('big hidden - - coming');
    expect(scene(51_000)).toBe('big hidden - - seen');
  });

  it('follows the viewer', () => {
    expect(scene(1000, { isSwapped: true })).toBe('big small slides - ');
    expect(scene(1000, { isTeacherHidden: true })).toBe('hidden big slides - ');
    expect(scene(21_000, { saving: 'sound' })).toBe('hidden big slides - ');
    expect(scene(51_000, { saving: 'sound' })).toBe('big hidden - - ');
  });
});

describe('data', () => {
  it('is saved by smaller pictures, or by none', () => {
    expect(savedMegabytesPerHour(REPLAY.pictures, 'off')).toBeNull();
    expect(savedMegabytesPerHour(REPLAY.pictures, 'small')).toBe(765);
    expect(savedMegabytesPerHour(REPLAY.pictures, 'sound')).toBe(871);
    expect(savedMegabytesPerHour([picture('teacher')], 'small')).toBeNull();
  });

  it('is what the browser was told, until somebody chooses', () => {
    const values = new Map<string, string>();
    const storage = { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value) };
    expect(readPreferences(storage, true).saving).toBe('small');
    keepPreferences(storage, { ...PLAIN, captions: 'zh', captionSize: 'large' });
    expect(readPreferences(storage, true)).toEqual({ ...PLAIN, captions: 'zh', captionSize: 'large' });
    for (const broken of ['{', 'null', '[1]', '{"saving":"all","captionSize":7}']) {
      values.set('tandem.watching', broken);
      expect(readPreferences(storage, false)).toEqual(PLAIN);
    }
  });
});

describe('a moment', () => {
  it('is read as people write it', () => {
    expect(['90', '90.5', '1:30', '1:01:30', '1m30s', '1h2m', '90s'].map(parseMoment)).toEqual([90, 90.5, 90, 3690, 90, 3720, 90]);
    expect(['', null, 'x', '-1', '1:3', '1e9', '999999999', '::'].map(parseMoment)).toEqual(Array(8).fill(null));
    expect(momentOfAddress({ hash: '#token=a.b&t=12', search: '?t=7' })).toBe(12);
    expect(momentOfAddress({ hash: '#token=a.b', search: '?t=7' })).toBe(7);
  });

  it('is kept per replay, and gone on at unless it is an end', () => {
    const values = new Map<string, string>();
    const storage = { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value) };
    expect(storedPosition(storage, 'res_1')).toBeNull();
    storePosition(storage, 'res_1', 42.25);
    expect(storedPosition(storage, 'res_1')).toBeCloseTo(42.3);
    expect([2, 42, 97, Number.NaN].map((atS) => goOnAt(atS, 100))).toEqual([null, 42, null, null]);
  });
});

describe('what was played', () => {
  it('is told in parts, each once', () => {
    const played = new Played();
    for (const ms of [0, 250, 500, 750]) played.at(ms);
    played.stop();
    for (const ms of [90_000, 90_250, 60_000, 60_250, 70_000]) played.at(ms);
    const parts = played.take();
    expect(parts).toEqual([
      [0, 750],
      [90_000, 90_250],
      [60_000, 60_250],
    ]);
    played.at(70_250);
    played.at(70_500);
    expect(played.take()).toEqual([[70_000, 70_500]]);
    played.giveBack(parts);
    expect(played.take()).toHaveLength(3);
    for (let seek = 0; seek < 500; seek += 1) {
      played.at(seek * 10_000);
      played.at(seek * 10_000 + 200);
    }
    expect(played.take()).toHaveLength(50);
  });
});

describe('addresses', () => {
  it('take the newest signature of their folder', () => {
    const signatures = signaturesOf({ pictures: [picture('teacher')], sound: null });
    expect(resigned('https://a.test/media/0.x/ver_a/teacher-240-00001.m4s', signatures)).toBe('https://a.test/media/1.old/ver_a/teacher-240-00001.m4s');
    expect(resigned('/media/0.x/ver_b/a.m4s', signatures)).toBe('/media/0.x/ver_b/a.m4s');
    expect(resigned('blob:x', signatures)).toBe('blob:x');
  });
});

describe('the storyboard', () => {
  it('is parts of sprites', () => {
    const text = 'WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nteacher-sprite-1.jpg#xywh=0,0,160,90\n\n1\n00:05.000 --> 00:10.000\nteacher-sprite-1.jpg#xywh=160,0,160,90\n\n00:10.000 --> 00:15.000\nhttps://evil.test/x.jpg#xywh=0,0,1,1\n';
    const tiles = parseStoryboard(text, '/media/1.s/ver_a/teacher.vtt');
    expect(tiles.map((tile) => [tile.fromS, tile.untilS, tile.x, tile.url])).toEqual([
      [0, 5, 0, '/media/1.s/ver_a/teacher-sprite-1.jpg'],
      [5, 10, 160, '/media/1.s/ver_a/teacher-sprite-1.jpg'],
    ]);
    expect([2, 7, 99].map((atS) => tileAt(tiles, atS)?.x)).toEqual([0, 160, 160]);
    expect(tileAt([], 2)).toBeNull();
  });
});

describe('the speed', () => {
  it('steps and holds at its ends', () => {
    expect(stepSpeed(1, 1)).toBe(1.25);
    expect(stepSpeed(0.5, -1)).toBe(0.5);
    expect(stepSpeed(2, 1)).toBe(2);
    expect(stepSpeed(1.1, 1)).toBe(1.25);
  });
});
