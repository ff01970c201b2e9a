/**
 * Rates by bounded transfers: each four times the size of the one before, until one takes long enough to be timed.
 * That one is made twice, and the better rate holds: a processor or a radio that stalled once is not the link's rate.
 *
 * The server bounds size, number and time besides; a refusal ends the measuring with what is known by then.
 */
const FIRST_BYTES = 16 * 1024;
const MAXIMUM_BYTES = 1024 * 1024;
const GROWTH = 4;
/** Shorter than this a transfer says more about timers than about the link. */
const LONG_ENOUGH_MS = 400;
/** No further transfer begins after so long. */
const BUDGET_MS = 5_000;
/** 16 KiB take 8 s at 16 kbit/s: slower is as good as nothing. */
const TIMEOUT_MS = 8_000;

export interface Transfer {
  bytes: number;
  durationMs: number;
}

export function rateBps({ bytes, durationMs }: Transfer): number {
  return Math.round((bytes * 8_000) / Math.max(1, durationMs));
}

/** The size of the next transfer after one of `bytes` that was timed so long; null: the rate is known well enough. */
export function nextSize(bytes: number, timedMs: number): number | null {
  if (timedMs >= LONG_ENOUGH_MS || bytes >= MAXIMUM_BYTES) return null;
  return Math.min(MAXIMUM_BYTES, bytes * GROWTH);
}

/** Runs growing transfers; the rate of the last size that succeeded, null if none did. */
export async function measureRate(transfer: (bytes: number) => Promise<Transfer>): Promise<number | null> {
  let size: number | null = FIRST_BYTES;
  let rate: number | null = null;
  let isRepeated = false;
  for (const endMs = performance.now() + BUDGET_MS; size !== null && performance.now() < endMs; ) {
    try {
      const done: Transfer = await transfer(size);
      if (done.bytes > 0) rate = Math.max(isRepeated ? (rate ?? 0) : 0, rateBps(done));
      const isSlow = done.durationMs >= LONG_ENOUGH_MS;
      if (isRepeated || !isSlow) size = nextSize(size, done.durationMs);
      isRepeated = !isRepeated && isSlow;
    } catch {
      return rate;
    }
  }
  return rate;
}

/** Timed in the browser from the first piece to the last; what came in one piece, from the question on: then it was faster. */
export async function transferDown(path: string, token: string, bytes: number): Promise<Transfer> {
  const askedMs = performance.now();
  const response = await fetch(`${path}?bytes=${bytes}`, {
    headers: { Authorization: `Bearer ${token}` },
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok || response.body === null) throw new Error(`probe: ${response.status}`);
  const reader = response.body.getReader();
  const first = await reader.read();
  const firstMs = performance.now();
  let timed = 0;
  for (let piece = first; !piece.done; ) {
    piece = await reader.read();
    timed += piece.value?.byteLength ?? 0;
  }
  const endMs = performance.now();
  if (timed > 0) return { bytes: timed, durationMs: endMs - firstMs };
  return { bytes: first.value?.byteLength ?? 0, durationMs: endMs - askedMs };
}

/** Timed at the server likewise. */
export async function transferUp(path: string, token: string, bytes: number): Promise<Transfer> {
  const askedMs = performance.now();
  const response = await fetch(path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' },
    body: randomBytes(bytes),
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`probe: ${response.status}`);
  const body = (await response.json()) as { timed_bytes?: unknown; duration_ms?: unknown };
  const timed = Number(body.timed_bytes) || 0;
  if (timed > 0) return { bytes: timed, durationMs: Number(body.duration_ms) || 0 };
  return { bytes, durationMs: performance.now() - askedMs };
}

/** No proxy on the way can compress it. */
function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let start = 0; start < count; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  return bytes;
}
