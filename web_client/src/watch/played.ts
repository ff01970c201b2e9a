/** Which parts were played since they were last told, in the order in which they were. Pure. */

export type PlayedPart = [number, number];

const MAX_PARTS = 50;
/** Between two looks at the position nothing else than playing moves it by so little. */
const LONGEST_STEP_MS = 3000;

export class Played {
  private parts: PlayedPart[] = [];
  private lastMs: number | null = null;

  /** Looked at several times a second while it plays. */
  at(positionMs: number): void {
    const place = Math.round(positionMs);
    const part = this.parts.at(-1);
    const stepMs = this.lastMs === null ? -1 : place - this.lastMs;
    if (stepMs < 0 || stepMs > LONGEST_STEP_MS) this.begin(place);
    else if (part === undefined) this.parts.push([this.lastMs ?? place, place]);
    else part[1] = place;
    this.lastMs = place;
  }

  /** It was paused, or sought: what comes is another part. */
  stop(): void {
    this.lastMs = null;
  }

  /** Gives them away; what goes on playing begins the next. */
  take(): PlayedPart[] {
    const taken = this.parts.filter(([from, until]) => until > from);
    this.parts = [];
    return taken;
  }

  /** They could not be told. */
  giveBack(parts: readonly PlayedPart[]): void {
    this.parts = [...parts, ...this.parts].slice(-MAX_PARTS);
  }

  private begin(place: number): void {
    this.parts.push([place, place]);
    if (this.parts.length > MAX_PARTS) this.parts = this.parts.filter(([from, until], index) => until > from || index === this.parts.length - 1).slice(-MAX_PARTS);
  }
}
