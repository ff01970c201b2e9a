import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import type { NamedChapter } from '../protocol/versions';
import { added, renamed } from './edit';

interface ChapterEditorProps {
  chapters: readonly NamedChapter[];
  positionMs: number;
  isLocked: boolean;
  onSeek: (positionMs: number) => void;
  onChange: (chapters: NamedChapter[]) => void;
}

const LONGEST = 80;

export function ChapterEditor({ chapters, positionMs, isLocked, onSeek, onChange }: ChapterEditorProps) {
  const { t } = useTranslation();
  return (
    <section className="review__chapters" aria-labelledby="review-chapters">
      <header>
        <h2 id="review-chapters">{t('review.chapters')}</h2>
        <button
          type="button"
          className="button button--small"
          disabled={isLocked}
          onClick={() => onChange(added(chapters, { at_ms: Math.round(positionMs), title: t('review.newChapter') }))}
        >
          <Icon name="plus" size={18} />
          {t('review.addChapter')}
        </button>
      </header>
      <ol>
        {chapters.map((one, index) => (
          <li key={one.at_ms}>
            <button type="button" className="review__jump" aria-label={t('review.jumpTo', { time: clockText(one.at_ms) })} onClick={() => onSeek(one.at_ms)}>
              {clockText(one.at_ms)}
            </button>
            <input
              value={one.title}
              maxLength={LONGEST}
              disabled={isLocked}
              aria-label={t('review.chapterAt', { time: clockText(one.at_ms) })}
              onChange={(event) => onChange(renamed(chapters, index, event.target.value))}
            />
            <button
              type="button"
              className="button button--quiet button--icon button--small"
              disabled={isLocked}
              aria-label={t('review.deleteChapter', { title: one.title })}
              onClick={() => onChange(chapters.filter((other) => other !== one))}
            >
              <Icon name="close" size={18} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
