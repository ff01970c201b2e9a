import { useEffect, useState } from 'react';
import { useObservable, useRoom } from '../components/session-context';
import type { LessonSession } from '../connection/lesson-session';
import type { DeckPage } from '../protocol/decks';
import type { PagesView } from './page-store';
import { PageStore } from './page-store';

/** One store for all parts of a page. */
const stores = new WeakMap<LessonSession, PageStore>();

export function pagesOf(session: LessonSession): PageStore {
  const known = stores.get(session) ?? new PageStore(session.joined.lesson.id);
  stores.set(session, known);
  return known;
}

/** The decks with their pages; whoever uses this makes the pages come. */
export function usePages(): PagesView {
  const { room, session } = useRoom();
  const store = pagesOf(session);
  const { decks } = room.board;
  useEffect(() => store.follow(decks), [store, decks]);
  return useObservable(store.view);
}

export type PageImage = { status: 'loading' } | { status: 'failed' } | { status: 'ready'; address: string };

const RETRY_MS = 2000;

/** The image of a page; tried again while it fails. The image before stays while this one is on its way. */
export function usePageImage(page: DeckPage | null): PageImage {
  const { session } = useRoom();
  const [image, setImage] = useState<PageImage>({ status: 'loading' });
  useEffect(() => {
    if (page === null) return;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = (): void => {
      pagesOf(session)
        .image(page)
        .then((address) => {
          if (!isGone) setImage({ status: 'ready', address });
        })
        .catch(() => {
          if (isGone) return;
          setImage({ status: 'failed' });
          timer = setTimeout(load, RETRY_MS);
        });
    };
    load();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [session, page]);
  return image;
}
