/** How the screen's picture follows the teacher's clock. Pure. */

/** Beyond this a jump is better than a chase. */
const JUMP_S = 0.6;
/** Within this nobody sees a difference: slides, not lips. */
const CLOSE_S = 0.05;
/** Fraction of the rate by which it chases. */
const CHASE_RATIO = 0.08;

export interface Following {
  /** Set the position to this, or null to leave it. */
  seekToS: number | null;
  rate: number;
}

/**
 * @param leaderS the teacher's position
 * @param followerS the screen's position
 * @param offsetS the screen's recording began this much after the teacher's
 */
export function follow(leaderS: number, followerS: number, offsetS: number, rate: number): Following {
  const wantedS = Math.max(0, leaderS - offsetS);
  const lagS = wantedS - followerS;
  if (Math.abs(lagS) > JUMP_S) return { seekToS: wantedS, rate };
  if (Math.abs(lagS) < CLOSE_S) return { seekToS: null, rate };
  return { seekToS: null, rate: rate * (1 + Math.sign(lagS) * CHASE_RATIO) };
}
