/** Where one stopped watching, per replay, on this computer. */
import type { KeyStorage } from '../protocol/tokens';

const EDGE_S = 5;
const key = (resource: string): string => `tandem.position.${resource}`;

/** The position to go on from; null at either end, where one starts anew. */
export function storedPosition(storage: Pick<KeyStorage, 'getItem'>, resource: string, durationS: number): number | null {
  const positionS = Number(storage.getItem(key(resource)) ?? Number.NaN);
  if (!Number.isFinite(positionS) || positionS < EDGE_S || positionS > durationS - EDGE_S) return null;
  return positionS;
}

/** The moment that a link names (`#t=90`); null when it names none. */
export function momentOfFragment(fragment: string): number | null {
  const text = new URLSearchParams(fragment.replace(/^#/, '')).get('t');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

export function storePosition(storage: Pick<KeyStorage, 'setItem'>, resource: string, positionS: number): void {
  storage.setItem(key(resource), positionS.toFixed(1));
}
