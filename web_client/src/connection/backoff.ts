/** Waiting times between attempts: 0.25 s doubling to 3 s, jittered by a quarter either way. */

export interface BackoffRule {
  firstMs: number;
  longestMs: number;
  jitterRatio: number;
}

export const RECONNECT: BackoffRule = { firstMs: 250, longestMs: 3_000, jitterRatio: 0.25 };
export const REPLAY_POLL: BackoffRule = { firstMs: 1_000, longestMs: 8_000, jitterRatio: 0.1 };

/**
 * @param attempt 0 for the first wait
 * @param chance uniform in [0, 1), from the caller
 */
export function backoffDelay(rule: BackoffRule, attempt: number, chance: number): number {
  const plain = Math.min(rule.longestMs, rule.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(plain * (1 + rule.jitterRatio * (2 * chance - 1)));
}
