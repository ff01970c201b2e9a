import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useState } from 'react';
import { useRoom } from '../components/session-context';
import { livePeers } from '../connection/diagnostics';
import type { PictureHealth, PictureReading } from '../connection/picture-health';
import { pictureHealth, readingOf } from '../connection/picture-health';
import { readFigures } from '../connection/statistics';

const PERIOD_MS = 3_000;

/** By the section of the subscribe peer. */
const HealthContext = createContext<ReadonlyMap<string, PictureHealth>>(new Map());

/** Reads the figures of all received pictures once for the whole wall. */
export function PictureHealthSource({ children }: { children: ReactNode }) {
  const [health, setHealth] = useState<ReadonlyMap<string, PictureHealth>>(new Map());
  useEffect(() => {
    let before = new Map<string, PictureReading>();
    let isGone = false;
    const read = async (): Promise<void> => {
      const figures = await readFigures(livePeers(), []);
      const received = figures.flatMap((peer) => peer.streams).filter((stream) => !stream.isSent && stream.kind === 'video');
      const now = new Map(received.map((stream) => [stream.mid, readingOf(stream)]));
      if (isGone) return;
      setHealth(
        new Map(
          [...now].flatMap(([mid, reading]) => {
            const former = before.get(mid);
            const found = former === undefined ? null : pictureHealth(former, reading);
            return found === null ? [] : [[mid, found] as const];
          }),
        ),
      );
      before = now;
    };
    const timer = setInterval(() => void read(), PERIOD_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, []);
  return <HealthContext value={health}>{children}</HealthContext>;
}

/** null: nothing is received of this seat, or not for long enough. */
export function usePictureHealth(seat: string): PictureHealth | null {
  const { view } = useRoom();
  const health = useContext(HealthContext);
  const camera = view.media.find((media) => media.seat === seat && media.source === 'camera');
  return camera === undefined ? null : (health.get(camera.mid) ?? null);
}
