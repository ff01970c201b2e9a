import { useCallback, useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { Replay, ReplayDeck } from '../protocol/replays';
import { signaturesOf } from './addresses';

export interface Signed {
  /** The newest signature of each folder. */
  signatures: RefObject<ReadonlyMap<string, string>>;
  decks: readonly ReplayDeck[];
  /** Asks for new ones; several at once ask once. */
  renew: () => Promise<void>;
}

const BEFORE_MS = 60_000;
/** Where a timer would overflow; asking a little too often does no harm. */
const LONGEST_WAIT_MS = 86_400_000;
const LEAST_WAIT_MS = 5000;

/** Signed addresses that stay good however long one watches. */
export function useSigned(replay: Replay, ask: () => Promise<Replay>): Signed {
  const signatures = useRef(signaturesOf(replay));
  const asking = useRef<Promise<void> | null>(null);
  const [decks, setDecks] = useState(replay.decks);
  const [expiresAtMs, setExpiresAtMs] = useState(replay.expires_at_ms);
  const renew = useCallback((): Promise<void> => {
    asking.current ??= ask()
      .then((found) => {
        signatures.current = signaturesOf(found);
        setDecks(found.decks);
        setExpiresAtMs(found.expires_at_ms);
      })
      .catch(() => undefined) // the player says what it cannot load
      .finally(() => {
        asking.current = null;
      });
    return asking.current;
  }, [ask]);
  useEffect(() => {
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, expiresAtMs - Date.now() - BEFORE_MS));
    const timer = setTimeout(() => void renew(), waitMs);
    return () => clearTimeout(timer);
  }, [expiresAtMs, renew]);
  return { signatures, decks, renew };
}
