/** What is written: texts for all, students' texts that wait, and the private channel to the assistants. */
import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useObservable, useRoom } from '../components/session-context';
import type { Text } from '../protocol/board';
import { MAX_PROMPT } from '../protocol/board';
import { PrivateTalk } from './private-talk';
import { useSeatName } from './use-seat-name';

export function TalkPanel() {
  return (
    <div className="tools">
      <PendingTexts />
      <PublicTexts />
      <PrivateTalk />
    </div>
  );
}

function PendingTexts() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { pending } = useObservable(session.talk.view);
  if (pending.length === 0) return null;
  return (
    <section aria-labelledby="pending-title">
      <h3 id="pending-title">{t('teach.talk.pending', { count: pending.length })}</h3>
      <ul className="texts" data-testid="pending-texts">
        {pending.map((text) => (
          <PendingText key={text.id} text={text} />
        ))}
      </ul>
    </section>
  );
}

function PendingText({ text }: { text: Text }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const name = useSeatName()(text.seat);
  const decide = (approved: boolean) => void session.act({ type: 'text_decide', pending: text.id, approved });
  return (
    <li className="texts__one">
      <strong>{name}</strong>
      <p>{text.text}</p>
      <div className="tile-actions">
        <button type="button" className="button button--small button--primary" onClick={() => decide(true)}>
          {t('teach.talk.approve')}
        </button>
        <button type="button" className="button button--small" onClick={() => decide(false)}>
          {t('teach.talk.reject')}
        </button>
      </div>
    </li>
  );
}

function PublicTexts() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useSeatName();
  const texts = [...room.board.texts].reverse();
  return (
    <section aria-labelledby="texts-title">
      <h3 id="texts-title">{t('teach.talk.toAll')}</h3>
      <TextLine label={t('teach.talk.toAllLabel')} onSend={(text) => session.act({ type: 'text', text })} />
      {texts.length === 0 ? (
        <p className="soft">{t('teach.talk.none')}</p>
      ) : (
        <ul className="texts texts--scroll" aria-live="polite">
          {texts.map((text) => (
            <li key={text.id} className="texts__one">
              <strong>{nameOf(text.seat)}</strong>
              <p>{text.text}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface TextLineProps {
  label: string;
  isDisabled?: boolean;
  /** Whether it was sent: then the line is empty again. */
  onSend: (text: string) => Promise<boolean>;
}

export function TextLine({ label, isDisabled = false, onSend }: TextLineProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') void onSend(text.trim()).then((isSent) => isSent && setText(''));
  };
  return (
    <form className="line-form" onSubmit={send}>
      <input value={text} maxLength={MAX_PROMPT} aria-label={label} placeholder={label} disabled={isDisabled} onChange={(event) => setText(event.target.value)} />
      <button type="submit" className="button button--small button--icon" aria-label={t('teach.talk.send')} disabled={isDisabled || text.trim() === ''}>
        <Icon name="send" size={20} />
      </button>
    </form>
  );
}
