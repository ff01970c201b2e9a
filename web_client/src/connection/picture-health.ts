/**
 * How a received picture comes along, judged from two readings of its figures. The wall shows it for each room:
 * the camera is the one stream that every classroom always sends, so it tells of the room's link and computer.
 */
import type { StreamFigures } from './statistics';

export type PictureHealth = 'steady' | 'halting' | 'still';

/** A wall camera sends 12 frames a second; below half of that people see it halt. */
const STEADY_HZ = 6;
const STEADY_LOSS_RATIO = 0.05;

export interface PictureReading {
  frames: number;
  packets: number;
  packetsLost: number;
  atMs: number;
}

export function readingOf(stream: StreamFigures): PictureReading {
  return { frames: stream.frames, packets: stream.packets, packetsLost: stream.packetsLost ?? 0, atMs: stream.atMs };
}

/** null: the two readings are too close together to tell. */
export function pictureHealth(before: PictureReading, now: PictureReading): PictureHealth | null {
  const elapsedMs = now.atMs - before.atMs;
  if (elapsedMs < 1000) return null;
  const frames = now.frames - before.frames;
  if (frames <= 0) return 'still';
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  const lossRatio = lost / Math.max(1, lost + now.packets - before.packets);
  return (frames * 1000) / elapsedMs >= STEADY_HZ && lossRatio <= STEADY_LOSS_RATIO ? 'steady' : 'halting';
}
