import { describe, expect, it } from 'vitest';
import { addDays, dateIn, hoursOf, layOutWeek, minutesIn, momentOf, mondayOf, neighbourOf, timeIn } from './week';

const ZONE = 'Asia/Shanghai';
const MONDAY = '2026-09-07';

function lesson(id: string, date: string, from: string, to: string, zone = ZONE) {
  return { id, starts_at_ms: momentOf(date, from, zone), ends_at_ms: momentOf(date, to, zone) };
}

describe('the clock of a school', () => {
  it('is read and set in its own zone', () => {
    const ms = Date.UTC(2026, 8, 1, 0, 5);
    expect([dateIn(ms, ZONE), timeIn(ms, ZONE), minutesIn(ms, ZONE)]).toEqual(['2026-09-01', '08:05', 485]);
    expect(momentOf('2026-09-01', '08:05', ZONE)).toBe(ms);
    expect(dateIn(Date.UTC(2026, 7, 31, 16), ZONE)).toBe('2026-09-01');
    expect(timeIn(Date.UTC(2026, 7, 31, 16), ZONE)).toBe('00:00');
  });

  it.each([
    ['Europe/Berlin', '2026-03-29', '01:30', 0.5],
    ['Europe/Berlin', '2026-03-29', '08:00', 6],
    ['Europe/Berlin', '2026-10-25', '08:00', 7],
    ['America/New_York', '2026-03-08', '08:00', 12],
    ['Asia/Kolkata', '2026-03-08', '08:00', 2.5],
  ])('holds when clocks change: %s %s %s', (zone, date, time, hourUtc) => {
    const ms = momentOf(date, time, zone);
    expect(ms).toBe(Date.parse(date) + hourUtc * 3_600_000);
    expect([dateIn(ms, zone), timeIn(ms, zone)]).toEqual([date, time]);
  });

  it('weeks begin on Monday, over months and years', () => {
    expect(mondayOf('2026-09-07')).toBe('2026-09-07');
    expect(mondayOf('2026-09-13')).toBe('2026-09-07');
    expect(mondayOf('2027-01-01')).toBe('2026-12-28');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  });
});

describe('the week', () => {
  it('has seven days, each with its lessons in order', () => {
    const days = layOutWeek([lesson('b', MONDAY, '10:00', '10:45'), lesson('a', MONDAY, '08:00', '08:45'), lesson('c', '2026-09-13', '08:00', '08:45'), lesson('d', '2026-09-14', '08:00', '08:45')], MONDAY, ZONE);
    expect(days.map((day) => day.blocks.map((block) => block.lesson.id))).toEqual([['a', 'b'], [], [], [], [], [], ['c']]);
    expect(days[0]?.blocks[0]).toMatchObject({ fromMinutes: 480, toMinutes: 525, lane: 0, lanes: 1 });
  });

  it('puts what overlaps side by side, and what follows at full width', () => {
    const lessons = [lesson('a', MONDAY, '08:00', '08:45'), lesson('b', MONDAY, '08:00', '09:30'), lesson('c', MONDAY, '08:45', '09:15'), lesson('d', MONDAY, '09:30', '10:00')];
    const places = layOutWeek(lessons, MONDAY, ZONE)[0]?.blocks.map((block) => [block.lesson.id, block.lane, block.lanes]);
    expect(places).toEqual([['b', 0, 2], ['a', 1, 2], ['c', 1, 2], ['d', 0, 1]]);
  });

  it('cuts a lesson at midnight and leaves out what has no time', () => {
    const night = { id: 'n', starts_at_ms: momentOf(MONDAY, '23:30', ZONE), ends_at_ms: momentOf('2026-09-08', '00:30', ZONE) };
    const days = layOutWeek([night, { id: 'x', starts_at_ms: null, ends_at_ms: null }], MONDAY, ZONE);
    expect(days.slice(0, 2).map((day) => day.blocks.map((block) => [block.fromMinutes, block.toMinutes]))).toEqual([[[1410, 1440]], [[0, 30]]]);
  });

  it('shows a school day, and more when there is more', () => {
    expect(hoursOf(layOutWeek([], MONDAY, ZONE))).toEqual({ from: 8, to: 17 });
    expect(hoursOf(layOutWeek([lesson('a', MONDAY, '07:20', '08:00'), lesson('b', MONDAY, '19:00', '20:10')], MONDAY, ZONE))).toEqual({ from: 7, to: 21 });
  });

  it('arrows lead from lesson to lesson and stop at the edges', () => {
    const days = layOutWeek(
      [lesson('a', MONDAY, '08:00', '08:45'), lesson('b', MONDAY, '10:00', '10:45'), lesson('c', '2026-09-09', '08:00', '08:45'), lesson('d', '2026-09-09', '10:10', '10:55')],
      MONDAY,
      ZONE,
    );
    const from = (id: string, ...keys: string[]): string | null => keys.reduce<string | null>((at, key) => (at === null ? null : neighbourOf(days, at, key)), id);
    expect(from('a', 'ArrowDown')).toBe('b');
    expect(from('b', 'ArrowRight')).toBe('d');
    expect(from('d', 'ArrowUp', 'ArrowLeft')).toBe('a');
    expect([from('a', 'ArrowUp'), from('a', 'ArrowLeft'), from('d', 'ArrowRight'), from('nobody', 'ArrowDown')]).toEqual([null, null, null, null]);
    expect([from('c', 'Home'), from('a', 'End')]).toEqual(['a', 'd']);
  });
});
