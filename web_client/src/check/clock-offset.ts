/** The server's clock against this one: of several questions the one that was answered fastest errs least. */

export interface ClockSample {
  sentMs: number;
  receivedMs: number;
  serverMs: number;
}

export interface ClockReading {
  offsetMs: number;
  roundTripMs: number;
}

/** null without a sample. The offset errs by half the round trip at most. */
export function readClock(samples: readonly ClockSample[]): ClockReading | null {
  const readings = samples
    .map(({ sentMs, receivedMs, serverMs }) => ({
      offsetMs: Math.round(serverMs - (sentMs + receivedMs) / 2),
      roundTripMs: Math.max(0, Math.round(receivedMs - sentMs)),
    }))
    .sort((one, other) => one.roundTripMs - other.roundTripMs);
  return readings[0] ?? null;
}
