/** One page of a deck in the box that it is given: the image, the ink over it, and where others point. */
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useObservable, useRoom } from '../components/session-context';
import type { Slide } from '../protocol/board';
import { isOf } from './drawing';
import type { Size } from './geometry';
import { fitted, UNITS } from './geometry';
import { InkCanvas } from './ink-canvas';
import { useSize } from './use-size';
import { usePageImage, usePages } from './use-pages';
import type { Tool } from './use-pen';
import { usePen } from './use-pen';

const UNKNOWN_PAGE: Size = { width: 16, height: 9 };
const HANDS_OFF: Tool = { kind: 'none' };

export function SlideView({ slide, tool = HANDS_OFF }: { slide: Slide; tool?: Tool }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const { decks } = usePages();
  const box = useRef<HTMLElement>(null);
  const size = useSize(box);
  const page = decks.get(slide.deck)?.pages[slide.page - 1] ?? null;
  const image = usePageImage(page);
  const rect = useMemo(() => fitted(page ?? UNKNOWN_PAGE, size), [page, size]);
  const { own, handlers } = usePen(slide, rect, tool);
  const { ink } = room.board;
  const strokes = useMemo(
    () => [...ink, ...own].filter((one) => isOf(slide, one)),
    [ink, own, slide],
  );
  const deck = room.board.decks.find((one) => one.id === slide.deck);
  const label = t('slides.pageOf', { page: slide.page, of: deck?.page_count ?? slide.page });
  return (
    <figure ref={box} className="slide" data-tool={tool.kind} data-testid="slide" data-page={slide.page} data-image={image.status} {...handlers}>
      <div className="slide__page" style={{ left: rect.x, top: rect.y, width: rect.width, height: rect.height }}>
        {image.status === 'ready' ? (
          <img src={image.address} alt={label} draggable={false} />
        ) : (
          <p className="slide__missing" role="status">
            {t(image.status === 'failed' ? 'slides.notHere' : 'slides.coming')}
          </p>
        )}
        <InkCanvas size={rect} strokes={strokes} />
        <Pointers />
      </div>
      <figcaption className="slide__number">{label}</figcaption>
    </figure>
  );
}

/** Where others point. */
function Pointers() {
  const { room, session } = useRoom();
  const pointers = useObservable(session.talk.pointers);
  return [...pointers].map(([seat, { x, y }]) => (
    <span
      key={seat}
      className="slide__pointer"
      data-testid="pointer"
      title={room.seats.get(seat)?.name}
      style={{ left: `${((x + 0.5) / UNITS) * 100}%`, top: `${((y + 0.5) / UNITS) * 100}%` }}
    />
  ));
}
