export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** The next speed up or down from the present one; the ends hold. */
export function stepSpeed(present: number, direction: 1 | -1): number {
  const index = SPEEDS.findIndex((speed) => speed === present);
  const from = index < 0 ? SPEEDS.indexOf(1) : index;
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, from + direction))] ?? 1;
}
