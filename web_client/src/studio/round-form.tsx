import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { AnswerKind } from '../protocol/board';
import { ANSWER_KINDS, MAX_PROMPT, MIN_CHOICES } from '../protocol/board';
import { ChoiceFields } from './choice-fields';
import { Segments } from './segments';
import { filledChoices } from './tally';

/** The question to all rooms, and in what form they answer. */
export function RoundForm() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const [prompt, setPrompt] = useState('');
  const [kind, setKind] = useState<AnswerKind>('count');
  const [choices, setChoices] = useState<string[]>(['', '']);
  const filled = filledChoices(choices);
  const isReady = prompt.trim() !== '' && (kind !== 'choice' || filled.length >= MIN_CHOICES);
  const open = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady) return;
    void session.act({ type: 'round_open', prompt: prompt.trim(), answer: kind, ...(kind === 'choice' ? { choices: filled } : {}) });
  };
  return (
    <form className="form" onSubmit={open}>
      <label className="field">
        <span>{t('teach.round.prompt')}</span>
        <textarea
          rows={2}
          maxLength={MAX_PROMPT}
          value={prompt}
          placeholder={t('teach.round.placeholder')}
          data-testid="round-prompt"
          onChange={(event) => setPrompt(event.target.value)}
        />
      </label>
      <Segments
        legend={t('teach.round.answerBy')}
        name="round-answer"
        options={ANSWER_KINDS.map((value) => ({ value, label: t(`teach.round.kind.${value}`) }))}
        value={kind}
        onChange={setKind}
      />
      <p className="soft">{t(`teach.round.kindHint.${kind}`)}</p>
      {kind === 'choice' && <ChoiceFields choices={choices} onChange={setChoices} />}
      <button type="submit" className="button button--primary" disabled={!isReady} data-testid="round-open">
        {t('teach.round.open')}
      </button>
    </form>
  );
}
