/** The master's slides: the page that all rooms see, with what turns and marks it, and the decks below. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { isTyping } from '../components/typing';
import type { Deck, Slide } from '../protocol/board';
import { DeckList } from './deck-list';
import { turned } from './geometry';
import { Thumbnails } from './thumbnails';
import { SlideView } from './slide-view';
import { ToolBar } from './tool-bar';
import type { Tool } from './use-pen';

export function SlideDesk() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const { slide, decks } = room.board;
  const deck = decks.find((one) => one.id === slide?.deck);
  return (
    <section className="slide-desk" aria-label={t('slides.title')} data-testid="slide-desk">
      {slide !== null && deck !== undefined && <ShownSlide slide={slide} deck={deck} />}
      <DeckList />
    </section>
  );
}

function ShownSlide({ slide, deck }: { slide: Slide; deck: Deck }) {
  const [tool, setTool] = useState<Tool>({ kind: 'none' });
  return (
    <div className="slide-desk__shown">
      <div className="slide-desk__view">
        <SlideView slide={slide} tool={tool} />
      </div>
      <div className="slide-desk__bar">
        <PageTurner slide={slide} deck={deck} />
        <ToolBar slide={slide} tool={tool} onTool={setTool} />
      </div>
      <Thumbnails slide={slide} />
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { PageDown: 1, PageUp: -1 };

/** Page Up and Page Down turn the page, as presenters' remote controls do. */
function PageTurner({ slide, deck }: { slide: Slide; deck: Deck }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const before = turned(slide.page, -1, deck.page_count);
  const after = turned(slide.page, 1, deck.page_count);
  const go = (page: number | null): void => {
    if (page !== null && page !== slide.page) void session.act({ type: 'slide', deck: slide.deck, page });
  };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const step = STEPS[event.key];
      if (step === undefined || isTyping(event) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const page = turned(slide.page, step, deck.page_count);
      if (page !== null) void session.act({ type: 'slide', deck: slide.deck, page });
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [session, slide, deck]);
  return (
    <div className="page-turner" role="group" aria-label={t('slides.turn')}>
      <button type="button" className="button button--icon" disabled={before === null} onClick={() => go(before)} aria-label={t('slides.before')} title={`${t('slides.before')} (PageUp)`} data-testid="page-before">
        <Icon name="left" />
      </button>
      <label className="page-turner__page">
        <span className="visually-hidden">{t('slides.goTo')}</span>
        <select value={slide.page} onChange={(event) => go(Number(event.target.value))} data-testid="page-select">
          {Array.from({ length: deck.page_count }, (_, index) => (
            <option key={index} value={index + 1}>
              {t('slides.pageOf', { page: index + 1, of: deck.page_count })}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="button button--icon" disabled={after === null} onClick={() => go(after)} aria-label={t('slides.after')} title={`${t('slides.after')} (PageDown)`} data-testid="page-after">
        <Icon name="right" />
      </button>
    </div>
  );
}
