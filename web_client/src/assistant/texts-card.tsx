import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useObservable, useRoom } from '../components/session-context';
import { MAX_PROMPT } from '../protocol/board';
import { master } from '../room/selectors';
import { wayOf } from './text-way';

/** Texts to all and to the master alone; what pupils of the own room wrote waits here for approval. */
export function TextsCard() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const talk = useObservable(session.talk.view);
  const nameOf = (seat: string | null): string => {
    if (seat === null) return t('panel.notice');
    if (seat === session.joined.seat.id) return t('common.you');
    return room.seats.get(seat)?.name || t('panel.somebody');
  };
  return (
    <>
      {talk.pending.length > 0 && (
        <div className="panel-group">
          <h3>{t('panel.pending', { count: talk.pending.length })}</h3>
          <ul className="texts">
            {talk.pending.map((text) => (
              <li key={text.id} data-testid={`pending-${text.id}`}>
                <strong>{nameOf(text.seat)}</strong> {text.text}
                <span className="button-row">
                  <button type="button" className="button button--small button--primary" onClick={() => void session.act({ type: 'text_decide', pending: text.id, approved: true })}>
                    {t('panel.approve')}
                  </button>
                  <button type="button" className="button button--small" onClick={() => void session.act({ type: 'text_decide', pending: text.id, approved: false })}>
                    {t('panel.reject')}
                  </button>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="panel-group" role="log" aria-label={t('panel.texts')}>
        <h3>{t('panel.texts')}</h3>
        {room.board.texts.length === 0 && talk.privateTexts.length === 0 && <p className="soft">{t('panel.noTexts')}</p>}
        <ul className="texts">
          {room.board.texts.map((text) => (
            <li key={text.id}>
              <strong>{nameOf(text.seat)}</strong> {text.text}
            </li>
          ))}
          {talk.privateTexts.map((text, index) => (
            <li key={`private-${index}`} className="texts__private">
              <strong>
                {nameOf(text.seat)} → {nameOf(text.to)}
              </strong>{' '}
              {text.text} <small>{t('panel.onlyYouTwo')}</small>
            </li>
          ))}
        </ul>
      </div>
      <TextForm />
    </>
  );
}

function TextForm() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [text, setText] = useState('');
  const [isPrivate, setIsPrivate] = useState(true);
  const teacher = master(room);
  const mayPrivately = wayOf(true, teacher) !== null;
  const way = wayOf(isPrivate, teacher);

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '' || way === null) return;
    if (await session.act({ ...way, text: wanted })) setText('');
  }

  return (
    <form className="text-form" onSubmit={(event) => void send(event)}>
      <fieldset className="choice-row">
        <legend>{t('panel.textTo')}</legend>
        <label className="choice-row__choice" data-chosen={isPrivate}>
          <input type="radio" name="text-to" checked={isPrivate} disabled={!mayPrivately} onChange={() => setIsPrivate(true)} />
          {t('panel.textPrivate')}
        </label>
        <label className="choice-row__choice" data-chosen={!isPrivate}>
          <input type="radio" name="text-to" checked={!isPrivate} onChange={() => setIsPrivate(false)} />
          {t('panel.textAll')}
        </label>
      </fieldset>
      <label className="field">
        <span>{t('panel.text')}</span>
        <input type="text" maxLength={MAX_PROMPT} value={text} data-testid="text" onChange={(event) => setText(event.target.value)} />
      </label>
      {way === null && (
        <p className="soft" role="status">
          {t('panel.textTeacherAway')}
        </p>
      )}
      <button type="submit" className="button button--primary" data-testid="send-text" disabled={text.trim() === '' || way === null}>
        {t('panel.sendText')}
      </button>
    </form>
  );
}
