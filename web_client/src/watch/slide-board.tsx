import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Slide } from '../protocol/board';
import type { DeckPage } from '../protocol/decks';
import type { ReplayDeck } from '../protocol/replays';
import type { Timeline } from '../protocol/rest';
import type { Size } from '../slides/geometry';
import { fitted } from '../slides/geometry';
import { InkCanvas } from '../slides/ink-canvas';
import { useSize } from '../slides/use-size';
import { countUntil, strokesOn } from './board';
import type { Signed } from './use-signed';

const UNKNOWN_PAGE: Size = { width: 16, height: 9 };
const FETCHED_AHEAD = 2;

export function pageOf(decks: readonly ReplayDeck[], slide: Slide | null): DeckPage | null {
  return decks.find((deck) => deck.id === slide?.deck)?.pages.find((page) => page.page === slide?.page) ?? null;
}

interface SlideBoardProps {
  timeline: Timeline;
  slide: Slide;
  positionMs: number;
  signed: Signed;
}

/** The page as the class saw it at this moment, and what the teacher had drawn on it by then. */
export function SlideBoard({ timeline, slide, positionMs, signed }: SlideBoardProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLElement>(null);
  const size = useSize(box);
  const { decks, renew } = signed;
  const page = pageOf(decks, slide);
  const rect = useMemo(() => fitted(page ?? UNKNOWN_PAGE, size), [page, size]);
  const count = countUntil(timeline.ink, positionMs);
  const { deck, page: number } = slide;
  const strokes = useMemo(() => strokesOn(timeline, { deck, page: number }, count), [timeline, deck, number, count]);
  const turn = countUntil(timeline.pages, positionMs);
  useEffect(() => {
    for (const next of timeline.pages.slice(turn, turn + FETCHED_AHEAD)) {
      const coming = next.deck === null || next.page === null ? null : pageOf(decks, { deck: next.deck, page: next.page });
      if (coming !== null) new Image().src = coming.url;
    }
  }, [timeline, decks, turn]);
  return (
    <figure ref={box} className="slide" data-testid="replay-slide" data-page={slide.page}>
      <div className="slide__page" style={{ left: rect.x, top: rect.y, width: rect.width, height: rect.height }}>
        {page === null ? (
          <p className="slide__missing">{t('watch.slideGone')}</p>
        ) : (
          <img src={page.url} alt={t('watch.page', { page: slide.page })} draggable={false} onError={() => void renew()} />
        )}
        <InkCanvas size={rect} strokes={strokes} />
      </div>
    </figure>
  );
}
