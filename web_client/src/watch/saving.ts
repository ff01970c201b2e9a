/** How much a viewer's connection is asked for, and what less of it saves. Pure. */
import type { Picture } from '../protocol/replays';

/** `small`: the smallest pictures. `sound`: sound and slides, no pictures. */
export type Saving = 'off' | 'small' | 'sound';
export const SAVINGS: readonly Saving[] = ['off', 'small', 'sound'];

/** What the sound of a replay takes, about: it lies in no rendition's figure. */
const SOUND_BPS = 64_000;

function rateOf(pictures: readonly Picture[], choose: (...rates: number[]) => number): number {
  return pictures.reduce((sum, { renditions }) => sum + (renditions.length === 0 ? 0 : choose(...renditions.map((one) => one.bit_rate_bps))), 0);
}

/** Megabytes an hour less than the full pictures; null where nothing is known of their sizes. */
export function savedMegabytesPerHour(pictures: readonly Picture[], saving: Saving): number | null {
  const shown = pictures.filter((picture) => picture.kind !== 'stage');
  const full = rateOf(shown, Math.max);
  if (full === 0 || saving === 'off') return null;
  const left = saving === 'small' ? rateOf(shown, Math.min) : SOUND_BPS;
  return Math.round(((full - left) * 3600) / 8 / 1_000_000);
}
