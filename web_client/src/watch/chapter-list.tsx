import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { Chapter, Question } from '../protocol/rest';
import { chapterAt } from './chapters';
import { useChapterTitle } from './use-chapter-title';

interface ChapterListProps {
  chapters: readonly Chapter[];
  questions: readonly Question[];
  positionMs: number;
  onSeek: (positionS: number) => void;
}

/** The lesson in parts: where it is now, and a way to each. */
export function ChapterList({ chapters, questions, positionMs, onSeek }: ChapterListProps) {
  const { t } = useTranslation();
  const title = useChapterTitle();
  const current = chapterAt(chapters, positionMs);
  return (
    <nav className="chapters" aria-label={t('watch.chapters')}>
      <h2>{t('watch.chapters')}</h2>
      <ol>
        {chapters.map((chapter, index) => (
          <li key={chapter.start_ms}>
            <button
              type="button"
              className="chapters__one"
              aria-current={index === current ? 'true' : undefined}
              onClick={() => onSeek(chapter.start_ms / 1000)}
            >
              <span className="chapters__time">{clockText(chapter.start_ms)}</span>
              <span className="chapters__title">{title(chapter)}</span>
              <Tally question={questions.find((question) => chapter.kind === 'round' && question.prompt === chapter.title && question.at_ms === chapter.start_ms)} />
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** What all rooms answered: a bar for each choice, or how many of how many. */
function Tally({ question }: { question: Question | undefined }) {
  const { t } = useTranslation();
  if (question === undefined || question.tally.length === 0) return null;
  if (question.choices.length === 0) {
    const [right = 0, of = 0] = question.tally;
    return <span className="chapters__tally">{t('watch.tally', { right, of })}</span>;
  }
  const most = Math.max(1, ...question.tally);
  return (
    <span className="chapters__bars">
      {question.choices.map((choice, index) => (
        <span key={choice} className="chapters__bar">
          <span>{choice}</span>
          <span className="chapters__fill" style={{ inlineSize: `${(100 * (question.tally[index] ?? 0)) / most}%` }} />
          <span>{question.tally[index] ?? 0}</span>
        </span>
      ))}
    </span>
  );
}
