import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Answer, AnswerKind } from '../protocol/board';
import { MAX_PROMPT } from '../protocol/board';

export interface Answering {
  counts: readonly number[] | null;
  text: string | null;
}

const MOST = 500;

interface AnswerFormProps {
  answer: AnswerKind;
  choices: readonly string[];
  /** What was sent before: an answer can be sent anew. */
  former: Answer | null;
  onSend: (answer: Answering) => void;
}

/** Numbers of pupils for the room (how many of how many, or how many for each choice), or words. */
export function AnswerForm({ answer, choices, former, onSend }: AnswerFormProps) {
  const { t } = useTranslation();
  const labels = answer === 'count' ? [t('panel.countRight'), t('panel.countAll')] : choices;
  const [counts, setCounts] = useState<string[]>(() => labels.map((_, index) => String(former?.counts[index] ?? '')));
  const [text, setText] = useState(former?.text ?? '');
  const numbers = counts.map((count) => (/^\d{1,3}$/.test(count) ? Math.min(MOST, Number(count)) : null));
  const isTooMany = answer === 'count' && (numbers[0] ?? 0) > (numbers[1] ?? MOST);
  const isWhole = answer === 'text' ? text.trim() !== '' : numbers.every((number) => number !== null) && !isTooMany;

  function send(event: SubmitEvent): void {
    event.preventDefault();
    if (!isWhole) return;
    onSend(answer === 'text' ? { counts: null, text: text.trim() } : { counts: numbers.map((number) => number ?? 0), text: null });
  }

  return (
    <form className="answer-form" onSubmit={send}>
      {answer === 'text' ? (
        <label className="field">
          <span>{t('panel.answerText')}</span>
          <textarea rows={3} maxLength={MAX_PROMPT} value={text} data-testid="answer-text" onChange={(event) => setText(event.target.value)} />
        </label>
      ) : (
        <div className="answer-form__counts">
          {labels.map((label, index) => (
            <label key={label} className="field">
              <span>{label}</span>
              <input
                type="number"
                inputMode="numeric"
                min={0}
                max={MOST}
                data-testid={`answer-${index}`}
                value={counts[index] ?? ''}
                onChange={(event) => setCounts(counts.map((count, at) => (at === index ? event.target.value : count)))}
              />
            </label>
          ))}
        </div>
      )}
      {isTooMany && <p role="alert">{t('panel.countTooMany')}</p>}
      <button type="submit" className="button button--primary" data-testid="send-answer" disabled={!isWhole}>
        {t(former === null ? 'panel.sendAnswer' : 'panel.sendAgain')}
      </button>
      {former !== null && <p role="status">{t('panel.answered')}</p>}
    </form>
  );
}
