/** How somebody likes to watch, on this computer. */
import type { KeyStorage } from '../protocol/tokens';
import type { Saving } from './saving';
import { SAVINGS } from './saving';

export type Layout = 'side' | 'corner';
export type CaptionSize = 'small' | 'medium' | 'large';

export interface Preferences {
  layout: Layout;
  /** The teacher has the large place, and what is taught the small one. */
  isSwapped: boolean;
  isTeacherHidden: boolean;
  /** A language; null: no captions. */
  captions: string | null;
  captionSize: CaptionSize;
  saving: Saving;
}

export const CAPTION_SIZES: readonly CaptionSize[] = ['small', 'medium', 'large'];
const KEY = 'tandem.watching';

export function readPreferences(storage: Pick<KeyStorage, 'getItem'>, wantsLessData: boolean): Preferences {
  let kept: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    kept = (JSON.parse(storage.getItem(KEY) ?? '{}') ?? {}) as typeof kept;
  } catch {
    // What another version left there.
  }
  return {
    layout: kept.layout === 'corner' ? 'corner' : 'side',
    isSwapped: kept.isSwapped === true,
    isTeacherHidden: kept.isTeacherHidden === true,
    captions: typeof kept.captions === 'string' ? kept.captions : null,
    captionSize: CAPTION_SIZES.find((size) => size === kept.captionSize) ?? 'medium',
    saving: SAVINGS.find((saving) => saving === kept.saving) ?? (wantsLessData ? 'small' : 'off'),
  };
}

export function keepPreferences(storage: Pick<KeyStorage, 'setItem'>, preferences: Preferences): void {
  storage.setItem(KEY, JSON.stringify(preferences));
}

/** What the browser was told to spare. */
export function wantsLessData(): boolean {
  return (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;
}
