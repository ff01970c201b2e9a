import { describe, expect, it } from 'vitest';
import { added, flawsOf, languageName, merge, parseTime, shownAt, split, timeText, without } from './cues';

const CUES = [
  { begin_ms: 1000, end_ms: 3000, text: '把一个苹果' },
  { begin_ms: 3000, end_ms: 5000, text: '分成两半' },
  { begin_ms: 8000, end_ms: 9000, text: 'and then' },
];

describe('a time', () => {
  it.each([
    [0, '00:00.000'],
    [61_050, '01:01.050'],
    [3_723_004, '1:02:03.004'],
  ])('%d is written %s and read back', (ms, text) => {
    expect(timeText(ms)).toBe(text);
    expect(parseTime(text)).toBe(ms);
  });

  it('is read as people write it, and nothing else is', () => {
    expect(parseTime(' 1:2,5 ')).toBe(62_500);
    for (const text of ['', '5', '1:60', '-1:00', '1:2:3:4', 'x']) expect(parseTime(text), text).toBeNull();
  });
});

describe('captions', () => {
  it('are split where the text is, and merged again', () => {
    const two = split(CUES, 0, 2);
    expect(two.slice(0, 2)).toEqual([
      { begin_ms: 1000, end_ms: 1800, text: '把一' },
      { begin_ms: 1800, end_ms: 3000, text: '个苹果' },
    ]);
    expect(merge(two, 0)).toEqual(CUES);
    expect(merge(CUES, 1)[1]?.text).toBe('分成两半and then');
    expect(split(CUES, 0, 0)).toEqual(CUES);
    expect(merge(CUES, 2)).toEqual(CUES);
  });

  it('are added where the replay stands, and deleted', () => {
    const { cues, at } = added(CUES, 7_000);
    expect(at).toBe(2);
    expect(cues[at]).toEqual({ begin_ms: 7000, end_ms: 8000, text: '' });
    expect(without(cues, at)).toEqual(CUES);
    expect(added(CUES, 60_000).at).toBe(3);
  });

  it('say what is wrong with them', () => {
    const wrong = [...CUES, { begin_ms: 7000, end_ms: 7500, text: 'x' }, { begin_ms: 9000, end_ms: 9000, text: '' }, { begin_ms: 9000, end_ms: 9900, text: 'a\nb\nc\nd\ne' }];
    expect([...flawsOf(wrong)]).toEqual([
      [3, 'order'],
      [4, 'time'],
      [5, 'long'],
    ]);
    expect(flawsOf(CUES).size).toBe(0);
  });

  it('are shown at their times', () => {
    expect([0, 1000, 3000, 6000].map((at) => shownAt(CUES, at))).toEqual([-1, 0, 1, -1]);
  });
});

describe('a language', () => {
  it('is called by its own name, or by its code', () => {
    expect(languageName('en')).toBe('English');
    expect(languageName('zh')).toBe('中文');
    expect(languageName('?')).toBe('?');
  });
});
