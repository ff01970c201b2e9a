import { clockText } from './clock';
import { useNow } from './use-now';

/** Time since a moment of the server's clock, running. */
export function useElapsed(sinceMs: number, clockOffsetMs: number): string {
  return clockText(useNow() + clockOffsetMs - sinceMs);
}
