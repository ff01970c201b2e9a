/** When media came to this seat, from readings of how much has come: the silences are what it missed. Pure. */
import type { Span } from './catch-up-state';

export const READING_MS = 500;
/** Shorter ones are bridged by the receiver itself, or not worth the trouble. */
const MISSED_MS = 3_000;

export class FlowWatch {
  private bytes = 0;
  private flowedAtMs: number | null = null;

  /** @returns the silence that ends with this reading; it begins where media surely still came. */
  take(bytes: number, atMs: number): Span | null {
    if (bytes === this.bytes || bytes === 0) return null;
    const beforeMs = this.flowedAtMs;
    this.bytes = bytes;
    this.flowedAtMs = atMs;
    if (beforeMs === null || atMs - beforeMs < MISSED_MS) return null;
    return { fromMs: beforeMs - 2 * READING_MS, untilMs: atMs };
  }
}

/** All that these connections have received. */
export async function receivedBytes(peers: readonly RTCPeerConnection[]): Promise<number> {
  let bytes = 0;
  for (const peer of peers) {
    (await peer.getStats()).forEach((report: { type: string; bytesReceived?: number }) => {
      if (report.type === 'inbound-rtp') bytes += report.bytesReceived ?? 0;
    });
  }
  return bytes;
}
