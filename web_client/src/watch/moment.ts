/** The moment that a link names (`#t=90`, `?t=1:30`), and where one stopped on this computer. Pure. */
import type { KeyStorage } from '../protocol/tokens';

/** Seconds of `90`, `90.5`, `1:30`, `1:01:30` or `1m30s`; null for anything else. */
export function parseMoment(text: string | null): number | null {
  if (text === null) return null;
  const spoken = /^(?:(\d{1,2})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s?)?$/.exec(text);
  if (text !== '' && spoken !== null) return Number(spoken[1] ?? 0) * 3600 + Number(spoken[2] ?? 0) * 60 + Number(spoken[3] ?? 0);
  if (/^\d{1,5}\.\d{1,3}$/.test(text)) return Number(text);
  if (!/^\d{1,3}(:\d{2}){1,2}$/.test(text)) return null;
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

export function momentOfAddress({ hash, search }: { hash: string; search: string }): number | null {
  return parseMoment(new URLSearchParams(hash.replace(/^#/, '')).get('t')) ?? parseMoment(new URLSearchParams(search).get('t'));
}

const EDGE_S = 5;
const key = (resource: string): string => `tandem.position.${resource}`;

/** Where to go on; null at either end, where one starts anew. */
export function goOnAt(positionS: number, durationS: number): number | null {
  return Number.isFinite(positionS) && positionS >= EDGE_S && positionS <= durationS - EDGE_S ? positionS : null;
}

export function storedPosition(storage: Pick<KeyStorage, 'getItem'>, resource: string): number | null {
  const text = storage.getItem(key(resource));
  return text === null || !Number.isFinite(Number(text)) ? null : Number(text);
}

export function storePosition(storage: Pick<KeyStorage, 'setItem'>, resource: string, positionS: number): void {
  storage.setItem(key(resource), positionS.toFixed(1));
}
