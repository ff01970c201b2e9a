import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { Slide } from '../protocol/board';
import { usePages } from './use-pages';

/** All pages of the deck that is shown, small; the present one is always in sight. */
export function Thumbnails({ slide }: { slide: Slide }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { decks } = usePages();
  const present = useRef<HTMLLIElement>(null);
  const deck = decks.get(slide.deck);
  useEffect(() => {
    void present.current?.scrollIntoView({ block: 'nearest', inline: 'center' }); // newer browsers return a promise
  }, [slide.page, deck]);
  if (deck === undefined) return null;
  return (
    <ol className="thumbnails" aria-label={t('slides.pages')}>
      {deck.pages.map((page) => (
        <li key={page.page} ref={page.page === slide.page ? present : null}>
          <button
            type="button"
            className="thumbnail"
            aria-current={page.page === slide.page ? 'page' : undefined}
            aria-label={t('slides.pageOf', { page: page.page, of: deck.pages.length })}
            onClick={() => void session.act({ type: 'slide', deck: slide.deck, page: page.page })}
          >
            <img src={page.thumbnail_url} alt="" loading="lazy" width={page.width} height={page.height} />
            <span>{page.page}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
