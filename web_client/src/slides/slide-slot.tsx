/** The slide that the master shows, or nothing. The pages of all decks come meanwhile, whatever is shown. */
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { SlideView } from './slide-view';
import { usePages } from './use-pages';
import type { Tool } from './use-pen';

/** What a seat draws with to which the master granted it: blue, so that it is told from the master's red. */
const GRANTED_PEN: Tool = { kind: 'pen', color: '#1b62c4', width: 40 };

export function SlideSlot() {
  const { room, session } = useRoom();
  usePages();
  const { slide } = room.board;
  if (slide === null) return null;
  const mayDraw = room.controls.grants[session.joined.seat.id]?.includes('annotate') ?? false;
  return <SlideView slide={slide} {...(mayDraw ? { tool: GRANTED_PEN } : {})} />;
}

/** "12 of 30 pages are here", until all are and the lesson has begun. */
export function PagesProgress() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const { done, of, isWaiting } = usePages();
  const isAll = done === of;
  if (of === 0 || (isAll && room.lesson.state !== 'lobby')) return null;
  return (
    <p className="pages-progress" role="status" data-testid="pages-progress" data-done={done} data-of={of}>
      <Icon name={isAll ? 'check' : isWaiting ? 'warning' : 'refresh'} size={20} />
      {t(isAll ? 'slides.allHere' : 'slides.here', { done, of })}
    </p>
  );
}
