/**
 * Several pictures of one lesson, played as one: the leader has the sound, the others are held to its clock.
 *
 * A small difference is chased by the rate, a large one jumped over; while an essential picture has to load, all
 * wait for it, so that nothing said refers to what is not there yet. What takes too long is left behind and comes
 * back by itself. No I/O: elements are handed in, and `tick` is called ten times a second and after each seek.
 */

/** What is used of an HTMLMediaElement. */
export interface Part {
  currentTime: number;
  playbackRate: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly readyState: number;
  readonly duration: number;
  play(): Promise<void>;
  pause(): void;
}

interface Follower {
  part: Part;
  isEssential: boolean;
  /** It took too long: nobody waits for it until it is there again. */
  isLeftBehind: boolean;
}

const HAVE_METADATA = 1;
const HAVE_FUTURE_DATA = 3;
/** Beyond this a jump is better than a chase. */
export const JUMP_S = 0.3;
/** How exactly a picture that stands is put to its place. */
const EXACT_S = 0.03;
/** Within this nobody sees a difference, and the rate is left alone. */
const CLOSE_S = 0.01;
const MAX_CHASE_RATIO = 0.1;
export const HOLD_MS = 6000;

/** The rate by which a picture that is `lagS` behind comes back; a negative lag: it is ahead. */
export function chaseRate(lagS: number, rate: number): number {
  if (Math.abs(lagS) < CLOSE_S) return rate;
  const ratio = Math.max(-MAX_CHASE_RATIO, Math.min(MAX_CHASE_RATIO, lagS));
  return Math.round(rate * (1 + ratio) * 100) / 100;
}

export class Ensemble {
  private readonly followers = new Set<Follower>();
  private wants = false;
  private heldSinceMs: number | null = null;

  private tell: () => void = () => undefined;

  /** @param leaderNow null until it is there; then nothing happens */
  constructor(private readonly leaderNow: () => Part | null) {}

  /** `tell` is called when what it does has changed. Gives what ends that. */
  listen(tell: () => void): () => void {
    this.tell = tell;
    return () => {
      this.tell = () => undefined;
    };
  }

  get isPlaying(): boolean {
    return this.wants;
  }

  get isWaiting(): boolean {
    const leader = this.leaderNow();
    return this.wants && (this.heldSinceMs !== null || leader === null || leader.seeking || leader.readyState < HAVE_FUTURE_DATA);
  }

  /** Gives what takes it out again. */
  add(part: Part, isEssential: boolean): () => void {
    const follower = { part, isEssential, isLeftBehind: false };
    this.followers.add(follower);
    return () => void this.followers.delete(follower);
  }

  play(): void {
    const leader = this.leaderNow();
    if (leader === null) return;
    this.wants = true;
    this.start(leader);
    this.tell();
  }

  pause(): void {
    this.wants = false;
    this.heldSinceMs = null;
    const leader = this.leaderNow();
    if (leader?.paused === false) leader.pause();
    this.pauseFollowers();
    this.tell();
  }

  /** The leader's events: somebody else (a headset's key, the end) has paused or started it. */
  leaderPaused(): void {
    if (this.leaderNow()?.paused === true && this.heldSinceMs === null) this.pause();
  }

  leaderStarted(): void {
    if (this.leaderNow()?.paused === false) this.wants = true;
    this.tell();
  }

  tick(nowMs: number): void {
    const leader = this.leaderNow();
    if (leader === null) return;
    const isReady = !leader.seeking && leader.readyState >= HAVE_FUTURE_DATA;
    const isMoving = this.wants && isReady && !leader.paused;
    const late: Follower[] = [];
    for (const one of this.followers) if (!this.align(one, leader, isMoving)) late.push(one);
    const awaited = late.filter((one) => one.isEssential && !one.isLeftBehind);
    if (!this.wants) return this.pauseFollowers();
    if (isReady && awaited.length > 0) return this.hold(awaited, leader, nowMs);
    if (this.heldSinceMs !== null) {
      this.heldSinceMs = null;
      this.tell();
    }
    if (leader.paused && !leader.ended) this.start(leader);
    if (!isReady) return this.pauseFollowers();
    for (const one of this.followers) {
      if (late.includes(one) || this.isOutside(one.part, leader)) continue;
      one.part.playbackRate = chaseRate(leader.currentTime - one.part.currentTime, leader.playbackRate);
      if (one.part.paused && !one.part.ended) one.part.play().catch(() => undefined);
    }
  }

  /** Puts a follower to the leader's place where it is too far off; whether it is there. */
  private align(one: Follower, leader: Part, isMoving: boolean): boolean {
    const { part } = one;
    if (part.readyState < HAVE_METADATA) return false;
    if (this.isOutside(part, leader)) return true;
    if (part.seeking) return false;
    const lagS = leader.currentTime - part.currentTime;
    if (Math.abs(lagS) > (isMoving ? JUMP_S : EXACT_S)) {
      part.currentTime = leader.currentTime;
      return false;
    }
    if (part.readyState < HAVE_FUTURE_DATA) return false;
    one.isLeftBehind = false;
    return true;
  }

  /** Behind its end a picture stands still. */
  private isOutside(part: Part, leader: Part): boolean {
    return Number.isFinite(part.duration) && leader.currentTime >= part.duration - EXACT_S;
  }

  private hold(awaited: readonly Follower[], leader: Part, nowMs: number): void {
    if (this.heldSinceMs === null) {
      this.heldSinceMs = nowMs;
      this.tell();
    }
    if (!leader.paused) leader.pause();
    this.pauseFollowers();
    if (nowMs - this.heldSinceMs < HOLD_MS) return;
    for (const one of awaited) one.isLeftBehind = true;
  }

  private pauseFollowers(): void {
    for (const { part } of this.followers) if (!part.paused) part.pause();
  }

  private start(part: Part): void {
    part.play().catch((error: unknown) => {
      // Refused without a click; any other interruption is followed by another attempt.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.pause();
    });
  }
}
