import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useObservable, useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';
import { seatsOfRole, whisperOf } from '../room/selectors';
import { TextLine } from './talk-panel';
import { useNameOf, useSeatName } from './use-seat-name';
import { WhisperKey } from './whisper-key';

/** Between this teacher and one assistant: a text, or the voice while a key is held. Nothing of it is recorded. */
export function PrivateTalk() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useNameOf();
  const assistants = seatsOfRole(room, 'assistant');
  const [chosen, setChosen] = useState<string | null>(null);
  const preferred = chosen ?? whisperOf(room, session.joined.seat.id);
  const partner = assistants.find((one) => one.id === preferred) ?? assistants[0] ?? null;
  return (
    <section aria-labelledby="private-title">
      <h3 id="private-title">{t('teach.talk.private')}</h3>
      {partner === null ? (
        <p className="soft">{t('teach.talk.noAssistant')}</p>
      ) : (
        <>
          <label className="field">
            <span>{t('teach.talk.partner')}</span>
            <select value={partner.id} onChange={(event) => setChosen(event.target.value)}>
              {assistants.map((one) => (
                <option key={one.id} value={one.id}>
                  {nameOf(one)}
                  {one.classroom === null ? '' : ` (${one.classroom})`}
                </option>
              ))}
            </select>
          </label>
          <WhisperKey key={partner.id} assistant={partner} />
          <TextLine
            label={t('teach.talk.privateLabel', { name: nameOf(partner) })}
            isDisabled={!partner.connected}
            onSend={(text) => session.act({ type: 'text_private', seat: partner.id, text })}
          />
          <PrivateTexts partner={partner} />
        </>
      )}
    </section>
  );
}

function PrivateTexts({ partner }: { partner: Seat }) {
  const { session } = useRoom();
  const nameOf = useSeatName();
  const { privateTexts } = useObservable(session.talk.view);
  const between = privateTexts.filter((one) => one.seat === partner.id || one.to === partner.id).reverse();
  if (between.length === 0) return null;
  return (
    <ul className="texts texts--scroll" aria-live="polite">
      {between.map((one, index) => (
        <li key={between.length - index} className="texts__one">
          <strong>{nameOf(one.seat)}</strong>
          <p>{one.text}</p>
        </li>
      ))}
    </ul>
  );
}
