import { expect, it } from 'vitest';
import { dateField, dayStartMs, dayText, evennessOf, gapsOf, giniText, minutesText, percentText, placeOf, ticksOf, timeText } from './words';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 8, 1, 0, 5);

it.each([
  [0, '0'],
  [30_000, '0.5'],
  [5 * MINUTE, '5'],
  [9.96 * MINUTE, '10.0'],
  [12.4 * MINUTE, '12'],
])('%i ms are %s minutes', (ms, text) => {
  expect(minutesText(ms, 'en')).toBe(text);
});

it.each([
  [0, '0%'],
  [0.001, '1%'],
  [0.5, '50%'],
  [0.999, '99%'],
  [1, '100%'],
])('%d is %s', (ratio, text) => {
  expect(percentText(ratio, 'en')).toBe(text);
});

it('says in words how even the stage was', () => {
  expect([null, 0, 0.19, 0.2, 0.44, 0.75].map(evennessOf)).toEqual(['none', 'even', 'even', 'uneven', 'uneven', 'few']);
  expect(giniText(0.1234, 'en')).toBe('0.12');
});

it('shows the time of the school, wherever it is read', () => {
  expect(timeText(BEGIN, 'zh', 'Asia/Shanghai')).toBe('08:05');
  expect(timeText(BEGIN, 'en', 'Asia/Urumqi')).toBe('06:05');
  expect(dayText(BEGIN, 'zh', 'Asia/Shanghai')).toBe('2026年9月1日星期二');
});

it('marks whole times of the clock', () => {
  const ticks = ticksOf(BEGIN, BEGIN + 40 * MINUTE).map((at) => timeText(at, 'en', 'Asia/Shanghai'));
  expect(ticks).toEqual(['08:05', '08:10', '08:15', '08:20', '08:25', '08:30', '08:35', '08:40']);
  expect(ticksOf(BEGIN, BEGIN + 60 * MINUTE * 24 * 3).length).toBeLessThanOrEqual(20);
  expect(ticksOf(BEGIN, BEGIN)).toEqual([]);
});

it('places what happened within the lesson', () => {
  expect(placeOf(15, 10, 20)).toBe(500);
  expect([placeOf(5, 10, 20), placeOf(99, 10, 20), placeOf(5, 5, 5)]).toEqual([0, 1000, 0]);
  expect(gapsOf([[12, 14], [16, 20]], 10, 20)).toEqual([[10, 12], [14, 16]]);
  expect(gapsOf([], 10, 20)).toEqual([[10, 20]]);
  expect(gapsOf([[10, 20]], 10, 20)).toEqual([]);
});

it('reads and writes date fields in one zone', () => {
  expect(dateField(new Date(dayStartMs('2026-02-28', 1)))).toBe('2026-03-01');
  expect(dateField(new Date(dayStartMs('2026-09-01')))).toBe('2026-09-01');
});
