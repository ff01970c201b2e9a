import { useEffect, useState } from 'react';
import { resigned } from './addresses';
import type { Tile } from './storyboard';
import { parseStoryboard } from './storyboard';
import type { Signed } from './use-signed';

/** Small pictures of the whole replay; none where there are none, or while they come. */
export function useStoryboard(url: string | null, { signatures }: Signed): readonly Tile[] {
  const [tiles, setTiles] = useState<readonly Tile[]>([]);
  useEffect(() => {
    if (url === null) return;
    let isGone = false;
    const address = resigned(url, signatures.current);
    fetch(address)
      .then((answer) => (answer.ok ? answer.text() : ''))
      .then((text) => {
        if (!isGone) setTiles(parseStoryboard(text, address));
      })
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [url, signatures]);
  return tiles;
}
