import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { ReplayDeck } from '../protocol/replays';
import type { Timeline } from '../protocol/rest';
import { countUntil, slideIndex } from './board';
import { chapterAt } from './chapters';
import { Tally } from './question-card';
import { pageOf } from './slide-board';
import { useChapterTitle } from './use-chapter-title';

interface SidePanelProps {
  timeline: Timeline;
  decks: readonly ReplayDeck[];
  positionMs: number;
  onSeek: (positionS: number) => void;
}

/** The lesson in parts, and its pages: where it is now, and a way to each. */
export function SidePanel(props: SidePanelProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<'chapters' | 'slides'>('chapters');
  const hasSlides = props.timeline.pages.some((turn) => turn.deck !== null);
  const hasChapters = props.timeline.chapters.length > 1;
  const isSlides = hasSlides && (shown === 'slides' || !hasChapters);
  return (
    <nav className="side-panel" aria-label={t(isSlides ? 'watch.slides' : 'watch.chapters')}>
      <div className="side-panel__inner">
        <div className="side-panel__head">
          {hasChapters && (
            <button type="button" className="side-panel__tab" aria-pressed={!isSlides} onClick={() => setShown('chapters')}>
              {t('watch.chapters')}
            </button>
          )}
          {hasSlides && (
            <button type="button" className="side-panel__tab" aria-pressed={isSlides} onClick={() => setShown('slides')}>
              {t('watch.slides')}
            </button>
          )}
        </div>
        {isSlides ? <SlideIndex {...props} /> : <ChapterList {...props} />}
      </div>
    </nav>
  );
}

function ChapterList({ timeline: { chapters, questions }, positionMs, onSeek }: SidePanelProps) {
  const title = useChapterTitle();
  const current = chapterAt(chapters, positionMs);
  return (
    <ol className="chapters">
      {chapters.map((chapter, index) => (
        <li key={chapter.start_ms}>
          <button type="button" className="chapters__one" aria-current={index === current ? 'true' : undefined} onClick={() => onSeek(chapter.start_ms / 1000)}>
            <span className="chapters__time">{clockText(chapter.start_ms)}</span>
            <span className="chapters__title">{title(chapter)}</span>
            <Tally question={questions.find((question) => chapter.kind === 'round' && question.prompt === chapter.title && question.at_ms === chapter.start_ms)} />
          </button>
        </li>
      ))}
    </ol>
  );
}

function SlideIndex({ timeline, decks, positionMs, onSeek }: SidePanelProps) {
  const { t } = useTranslation();
  const index = slideIndex(timeline);
  const current = countUntil(index, positionMs) - 1;
  return (
    <ol className="slide-index">
      {index.map((slide, number) => {
        const page = pageOf(decks, slide);
        return (
          <li key={slide.at_ms}>
            <button
              type="button"
              className="slide-index__one"
              aria-current={number === current ? 'true' : undefined}
              aria-label={`${t('watch.page', { page: slide.page })}, ${clockText(slide.at_ms)}`}
              onClick={() => onSeek(slide.at_ms / 1000)}
            >
              {page !== null && <img src={page.thumbnail_url} alt="" loading="lazy" width={page.width} height={page.height} />}
              <span>
                {slide.page} <span className="chapters__time">{clockText(slide.at_ms)}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
