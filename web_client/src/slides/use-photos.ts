/** The photos that this seat may see, from the server. */
import { useEffect, useState } from 'react';
import { useRoom } from '../components/session-context';
import { restToken } from '../pages/rest-token';
import type { Photo } from '../protocol/decks';
import { photosOf } from '../protocol/decks';

export const RETRY_MS = 2000;

/** By id; looked up again when others are wanted, until all of them are there. */
export function usePhotos(wanted: readonly string[]): ReadonlyMap<string, Photo> {
  const { session } = useRoom();
  const [photos, setPhotos] = useState<ReadonlyMap<string, Photo>>(new Map());
  const lesson = session.joined.lesson.id;
  const ids = wanted.join(' ');
  useEffect(() => {
    if (ids === '') return;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      if (!isGone) timer = setTimeout(ask, RETRY_MS);
    };
    const ask = (): void => {
      restToken(lesson)
        .then((token) => photosOf(lesson, token))
        .then((found) => {
          if (isGone) return;
          const known = new Map(found.map((photo) => [photo.id, photo]));
          setPhotos(known);
          if (ids.split(' ').some((id) => !known.has(id))) again();
        })
        .catch(again);
    };
    ask();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [lesson, ids]);
  return photos;
}
