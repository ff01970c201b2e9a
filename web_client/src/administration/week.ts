/**
 * The week of a timetable, in the school's time zone wherever the reader sits. Pure.
 *
 * Days are `2026-09-01`, clock times `08:05`; on a day whose clock is changed a lesson stands where its clock says.
 */

export const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;

export interface Timed {
  id: string;
  starts_at_ms: number | null;
  ends_at_ms: number | null;
}

/** A lesson's place in its day: side by side with those at the same time, in `lane` of `lanes`. */
export interface Block<T extends Timed> {
  lesson: T;
  fromMinutes: number;
  toMinutes: number;
  lane: number;
  lanes: number;
}

export interface Day<T extends Timed> {
  date: string;
  blocks: Block<T>[];
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });
    FORMATS.set(zone, format);
  }
  return format;
}

/** The clock of `zone` at `ms`, as if it were UTC. */
function asUtc(ms: number, zone: string): number {
  const parts = Object.fromEntries(formatOf(zone).formatToParts(ms).map((part) => [part.type, Number(part.value)]));
  const of = (name: string): number => parts[name] ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

export function dateIn(ms: number, zone: string): string {
  return new Date(asUtc(ms, zone)).toISOString().slice(0, 10);
}

export function minutesIn(ms: number, zone: string): number {
  return Math.floor((asUtc(ms, zone) % DAY_MS) / 60_000);
}

export function timeIn(ms: number, zone: string): string {
  return clockOf(minutesIn(ms, zone));
}

export function clockOf(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** UTC of a clock in `zone`; a time that a changed clock leaves out is the one as much later. */
export function momentOf(date: string, time: string, zone: string): number {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  const guess = wanted - (asUtc(wanted, zone) - wanted);
  return guess - (asUtc(guess, zone) - wanted);
}

export function addDays(date: string, count: number): string {
  return new Date(Date.parse(date) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Weeks begin on Monday. */
export function mondayOf(date: string): string {
  return addDays(date, -((new Date(Date.parse(date)).getUTCDay() + 6) % 7));
}

/** The seven days from `monday` with their lessons, the earliest first; one over midnight stands in both days. */
export function layOutWeek<T extends Timed>(lessons: readonly T[], monday: string, zone: string): Day<T>[] {
  return Array.from({ length: 7 }, (_, index) => {
    const date = addDays(monday, index);
    const begins = momentOf(date, '00:00', zone);
    const ends = momentOf(addDays(date, 1), '00:00', zone);
    const blocks: Block<T>[] = [];
    for (const lesson of lessons) {
      const { starts_at_ms: from, ends_at_ms: to } = lesson;
      if (from === null || to === null || from >= ends || to <= begins) continue;
      const fromMinutes = from <= begins ? 0 : minutesIn(from, zone);
      const toMinutes = to >= ends ? DAY_MINUTES : minutesIn(to, zone);
      blocks.push({ lesson, fromMinutes, toMinutes: Math.max(toMinutes, fromMinutes + 1), lane: 0, lanes: 1 });
    }
    return { date, blocks: sideBySide(blocks) };
  });
}

function sideBySide<T extends Timed>(blocks: Block<T>[]): Block<T>[] {
  const sorted = [...blocks].sort((a, b) => a.fromMinutes - b.fromMinutes || b.toMinutes - a.toMinutes || a.lesson.id.localeCompare(b.lesson.id));
  const placed: Block<T>[] = [];
  let group: Block<T>[] = [];
  const closeGroup = (): void => {
    const lanes = Math.max(0, ...group.map((block) => block.lane)) + 1;
    placed.push(...group.map((block) => ({ ...block, lanes })));
    group = [];
  };
  for (const block of sorted) {
    if (group.every((other) => other.toMinutes <= block.fromMinutes)) closeGroup();
    const taken = new Set(group.filter((other) => other.toMinutes > block.fromMinutes).map((other) => other.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    group.push({ ...block, lane });
  }
  closeGroup();
  return placed;
}

/** The hours that a week shows: a school day, and whatever lies outside of it. */
export function hoursOf(days: readonly Day<Timed>[]): { from: number; to: number } {
  const blocks = days.flatMap((day) => day.blocks);
  return {
    from: Math.min(8, ...blocks.map((block) => Math.floor(block.fromMinutes / 60))),
    to: Math.max(17, ...blocks.map((block) => Math.ceil(block.toMinutes / 60))),
  };
}

/** Where an arrow leads: up and down within the day, left and right to the nearest time of the next day that has lessons. */
export function neighbourOf(days: readonly Day<Timed>[], id: string, key: string): string | null {
  const index = days.findIndex((day) => day.blocks.some((block) => block.lesson.id === id));
  const day = days[index];
  const at = day?.blocks.findIndex((block) => block.lesson.id === id) ?? -1;
  const block = day?.blocks[at];
  if (day === undefined || block === undefined) return null;
  if (key === 'ArrowUp' || key === 'ArrowDown') return day.blocks[at + (key === 'ArrowDown' ? 1 : -1)]?.lesson.id ?? null;
  if (key === 'Home') return days.find((each) => each.blocks.length > 0)?.blocks[0]?.lesson.id ?? null;
  if (key === 'End') return days.findLast((each) => each.blocks.length > 0)?.blocks.at(-1)?.lesson.id ?? null;
  const others = key === 'ArrowRight' ? days.slice(index + 1) : key === 'ArrowLeft' ? days.slice(0, index).reverse() : [];
  const next = others.find((each) => each.blocks.some((other) => other.lesson.id !== id));
  const away = (other: Block<Timed>): number => Math.abs(other.fromMinutes - block.fromMinutes);
  return [...(next?.blocks ?? [])].sort((a, b) => away(a) - away(b))[0]?.lesson.id ?? null;
}
