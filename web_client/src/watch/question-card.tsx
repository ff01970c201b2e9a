import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import type { Question, Turn } from '../protocol/rest';
import type { Card } from './board';

/** The question that the class was asked at this moment, and what all rooms answered. */
export function QuestionCard({ card }: { card: Card | null }) {
  const { t } = useTranslation();
  const [closedAtMs, setClosedAtMs] = useState<number | null>(null);
  if (card === null || card.question.at_ms === closedAtMs) return null;
  const { question, hasAnswers } = card;
  return (
    <aside className="asked" data-testid="question-card" aria-label={t(`watch.${question.kind}`)}>
      <p className="asked__kind">
        <Icon name="round" size={20} />
        {t(`watch.${question.kind}`)}
        <button type="button" className="button button--quiet button--icon button--small" aria-label={t('common.close')} onClick={() => setClosedAtMs(question.at_ms)}>
          <Icon name="close" size={20} />
        </button>
      </p>
      <p className="asked__prompt">{question.prompt}</p>
      {hasAnswers ? <Tally question={question} /> : question.choices.length > 0 && <p className="asked__choices">{question.choices.join(' · ')}</p>}
    </aside>
  );
}

/** Whose work the teacher was showing to all; the photo itself is not part of a replay. */
export function ShownWork({ rooms }: { rooms: readonly Turn[] }) {
  const { t } = useTranslation();
  if (rooms.length === 0) return null;
  const names = rooms.map((room) => room.name || t('role.classroom')).join(' · ');
  return (
    <p className="player__work" data-testid="shown-work">
      <Icon name="camera" size={18} />
      {t('watch.shownWork', { names })}
    </p>
  );
}

/** What all rooms answered: a bar for each choice, or how many of how many. */
export function Tally({ question }: { question: Question | undefined }) {
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
