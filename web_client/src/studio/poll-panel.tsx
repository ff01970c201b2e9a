import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import { MAX_PROMPT, MIN_CHOICES } from '../protocol/board';
import { Answers } from './answers-table';
import { ChoiceFields } from './choice-fields';
import { filledChoices } from './tally';

/** A question between rounds: each room counts its pupils' hands. */
export function PollPanel() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const { poll } = room.board;
  const results = poll !== null && (
    <Answers kind="choice" choices={poll.choices} answers={poll.answers} tally={poll.tally} />
  );
  if (poll === null) return <PollForm />;
  if (!poll.is_open) {
    return (
      <>
        <PollForm key={poll.id} />
        <details className="last-question" open>
          <summary>{t('teach.poll.last', { question: poll.question })}</summary>
          {results}
        </details>
      </>
    );
  }
  return (
    <div className="round" data-testid="poll">
      <p className="round__prompt">{poll.question}</p>
      {results}
      <button type="button" className="button button--primary" data-testid="poll-close" onClick={() => void session.act({ type: 'poll_close', poll: poll.id })}>
        {t('teach.poll.close')}
      </button>
    </div>
  );
}

function PollForm() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const [question, setQuestion] = useState('');
  const [choices, setChoices] = useState<string[]>(['', '']);
  const filled = filledChoices(choices);
  const isReady = question.trim() !== '' && filled.length >= MIN_CHOICES;
  const open = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) void session.act({ type: 'poll_open', question: question.trim(), choices: filled });
  };
  return (
    <form className="form" onSubmit={open}>
      <label className="field">
        <span>{t('teach.poll.question')}</span>
        <textarea
          rows={2}
          maxLength={MAX_PROMPT}
          value={question}
          placeholder={t('teach.poll.placeholder')}
          data-testid="poll-question"
          onChange={(event) => setQuestion(event.target.value)}
        />
      </label>
      <ChoiceFields choices={choices} onChange={setChoices} />
      <button type="submit" className="button button--primary" disabled={!isReady} data-testid="poll-open">
        {t('teach.poll.open')}
      </button>
    </form>
  );
}
