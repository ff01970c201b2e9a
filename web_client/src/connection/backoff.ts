/** Waiting times between attempts: doubling up to a longest one, jittered either way. */

export interface BackoffRule {
  firstMs: number;
  longestMs: number;
  jitterRatio: number;
}

export const RECONNECT: BackoffRule = { firstMs: 250, longestMs: 3_000, jitterRatio: 0.25 };
/** A replay that is being made. */
export const REPLAY_POLL: BackoffRule = { firstMs: 500, longestMs: 3_000, jitterRatio: 0.1 };
/** A replay that somebody has to release first. */
export const RELEASE_POLL: BackoffRule = { firstMs: 2_000, longestMs: 20_000, jitterRatio: 0.25 };

/** Decks and their pages, while the server does not answer. */
export const DECK_RETRY: BackoffRule = { firstMs: 1000, longestMs: 20_000, jitterRatio: 0.3 };

/**
 * @param attempt 0 for the first wait
 * @param chance uniform in [0, 1), from the caller
 */
export function backoffDelay(rule: BackoffRule, attempt: number, chance: number): number {
  const plain = Math.min(rule.longestMs, rule.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(plain * (1 + rule.jitterRatio * (2 * chance - 1)));
}
