/**
 * Whether this computer, or its uplink, is too short for several encodings of one picture.
 *
 * It is when the highest says that the processor limits it, or when it stands still while lower ones go on: so browsers
 * share a short uplink, from the lowest up, and everybody would be left with the smallest picture.
 */
export interface Reading {
  rid: string;
  framesEncoded: number;
  limitedBy: string;
}

export const READ_EVERY_MS = 2_000;
const IN_A_ROW = 2;
const SHORT_MS = 60_000;

export class Shortage {
  private before = new Map<string, number>();
  private inARow = 0;
  private until = 0;

  isShort(nowMs: number): boolean {
    return nowMs < this.until;
  }

  /** Of the encodings that are sent, lowest first. */
  handle(readings: readonly Reading[], nowMs: number): void {
    const gained = readings.map(({ rid, framesEncoded }) => framesEncoded - (this.before.get(rid) ?? framesEncoded));
    this.before = new Map(readings.map((one) => [one.rid, one.framesEncoded]));
    const highest = readings.at(-1);
    if (highest === undefined || readings.length === 1) {
      this.inARow = 0;
      return;
    }
    const stands = gained.at(-1) === 0 && gained.some((frames) => frames > 0);
    this.inARow = stands || highest.limitedBy === 'cpu' ? this.inARow + 1 : 0;
    if (this.inARow >= IN_A_ROW) this.until = nowMs + SHORT_MS;
  }
}

/** What `getStats` of a sender says of the encodings that are sent. */
export function readingsOf(reports: Iterable<Record<string, unknown>>, rids: readonly string[]): Reading[] {
  const found = [...reports].filter((one) => one['type'] === 'outbound-rtp');
  return rids.flatMap((rid) => {
    const report = found.find((one) => one['rid'] === rid);
    if (report === undefined) return [];
    const limitedBy = String(report['qualityLimitationReason'] ?? 'none');
    return [{ rid, framesEncoded: Number(report['framesEncoded'] ?? 0), limitedBy }];
  });
}
