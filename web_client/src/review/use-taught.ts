/** The lesson as it was taught: its fast replays, at addresses that stay good however long one reviews. */
import { useCallback, useRef, useState } from 'react';
import type { Resource } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { signaturesOf } from '../watch/addresses';
import type { Signed } from '../watch/use-signed';
import type { Reviewed } from './use-review';

export interface TaughtPicture {
  id: string;
  kind: Resource['kind'];
  hls_url: string;
  poster_url: string | null;
}

/** The one that leads comes first. */
export function picturesOf(main: Resource, sources: readonly Resource[]): TaughtPicture[] {
  return [main, ...sources.filter((one) => one.id !== main.id)].flatMap(({ id, kind, taught_url, hls_url, poster_url }) => {
    const url = taught_url ?? (id === main.id ? hls_url : null);
    return url === null ? [] : [{ id, kind, hls_url: url, poster_url }];
  });
}

const same = (some: readonly TaughtPicture[], others: readonly TaughtPicture[]): boolean => some.map((one) => one.id).join() === others.map((one) => one.id).join();

/** Each look at the review signs the addresses anew; what plays keeps its own, and takes the newest signature when it asks. */
export function useTaught({ main, sources, token, reason }: Reviewed): { pictures: readonly TaughtPicture[]; signed: Pick<Signed, 'signatures' | 'renew'> } {
  const found = picturesOf(main, sources);
  const [pictures, setPictures] = useState(found);
  if (!same(pictures, found)) setPictures(found);
  const signatures = useRef<ReadonlyMap<string, string>>(new Map());
  const renew = useCallback(async (): Promise<void> => {
    try {
      const fresh = await rest.resources(main.lesson, token, reason);
      signatures.current = signaturesOf({ pictures: fresh.flatMap(({ taught_url }) => (taught_url === null ? [] : [{ hls_url: taught_url }])), sound: null });
    } catch {
      // the picture says what it cannot load
    }
  }, [main.lesson, token, reason]);
  return { pictures, signed: { signatures, renew } };
}
