/** Which voices have sound in them, from what the browser knows of their newest packets. Pure. */

/** RFC 6464 level as a share of full scale: above it somebody speaks. */
const SPEAKING = 0.01;
/** A pause between two words ends nothing. */
const HELD_MS = 1_500;

export interface Heard {
  seat: string;
  /** Of the newest packet: it stands still while nothing comes. */
  rtpTimestamp: number;
  audioLevel?: number | undefined;
}

export class VoiceWatch {
  private readonly newest = new Map<string, number>();
  private readonly spokeAtMs = new Map<string, number>();

  /** Who has spoken within the last moments, of whom is listened to now. */
  take(heard: readonly Heard[], nowMs: number): string[] {
    for (const { seat, rtpTimestamp, audioLevel } of heard) {
      if (this.newest.get(seat) !== rtpTimestamp && (audioLevel ?? 0) > SPEAKING) this.spokeAtMs.set(seat, nowMs);
      this.newest.set(seat, rtpTimestamp);
    }
    for (const [seat, atMs] of this.spokeAtMs) {
      if (nowMs - atMs > HELD_MS) this.spokeAtMs.delete(seat);
    }
    return [...this.spokeAtMs.keys()];
  }
}
