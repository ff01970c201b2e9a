/** A round that asks for a photo: take one of the exercise books, look at it, send it. For the classroom and its assistant. */
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Fault } from '../components/fault';
import { Icon } from '../components/icons';
import { useObservable, useOwnSeat, useRoom } from '../components/session-context';
import { restToken } from '../pages/rest-token';
import type { Round } from '../protocol/board';
import { uploadPhoto } from '../protocol/decks';
import { codeOf } from '../protocol/errors';
import { ownClassroom } from '../room/selectors';
import { pictureOf, smallPicture } from './picture';

interface State {
  /** Chosen, and not yet with the teacher. */
  photo: Blob | null;
  isSending: boolean;
  fault: string | null;
}

const EMPTY: State = { photo: null, isSending: false, fault: null };

export function PhotoAnswer() {
  const { room } = useRoom();
  const { round } = room.board;
  if (round === null || round.answer !== 'photo' || (round.phase !== 'local' && round.phase !== 'report')) return null;
  return <AskedPhoto key={round.id} round={round} />;
}

function AskedPhoto({ round }: { round: Round }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const seat = useOwnSeat();
  const [{ photo, isSending, fault }, setState] = useState<State>(EMPTY);
  const screen = seat.role === 'assistant' ? ownClassroom(room, seat) : seat;
  const isAnswered = round.answers.some((answer) => answer.seat === (screen ?? seat).id);
  const take = async (picture: Promise<Blob>): Promise<void> => {
    try {
      const taken = await picture;
      setState((before) => (before.isSending ? before : { ...EMPTY, photo: taken }));
    } catch {
      setState((before) => ({ ...before, fault: 'photo_malformed' }));
    }
  };
  const send = async (chosen: Blob): Promise<void> => {
    setState({ photo: chosen, isSending: true, fault: null });
    try {
      const { id } = await uploadPhoto(session.joined.lesson.id, await restToken(session.joined.lesson.id), chosen);
      await session.request({ type: 'round_answer', round: round.id, photo: id });
      setState(EMPTY);
    } catch (error) {
      setState({ photo: chosen, isSending: false, fault: codeOf(error) });
    }
  };
  return (
    <section className="photo-answer" aria-label={t('photos.title')} data-testid="photo-answer" data-answered={isAnswered}>
      <p className="photo-answer__prompt">{round.prompt}</p>
      <Fault code={fault} />
      {photo !== null && <ChosenPhoto photo={photo} />}
      {isAnswered && photo === null && (
        <p className="photo-answer__sent" role="status">
          <Icon name="check" size={22} />
          {t('photos.sent')}
        </p>
      )}
      <div className="photo-answer__keys">
        <TakeButtons isBusy={isSending} onPicture={(picture) => void take(picture)} />
        {photo !== null && (
          <button type="button" className="button button--primary" disabled={isSending} data-testid="photo-send" onClick={() => void send(photo)}>
            {t(isSending ? 'photos.sending' : 'photos.send')}
          </button>
        )}
      </div>
      {!isAnswered && <p className="soft">{t('photos.who')}</p>}
    </section>
  );
}

function ChosenPhoto({ photo }: { photo: Blob }) {
  const { t } = useTranslation();
  const picture = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const address = URL.createObjectURL(photo);
    if (picture.current !== null) picture.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [photo]);
  return <img ref={picture} className="photo-answer__picture" alt={t('photos.chosen')} />;
}

function TakeButtons({ isBusy, onPicture }: { isBusy: boolean; onPicture: (picture: Promise<Blob>) => void }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { camera } = useObservable(session.media.view);
  const id = useId();
  return (
    <>
      {camera !== null && (
        <button type="button" className="button" disabled={isBusy} data-testid="photo-camera" onClick={() => onPicture(pictureOf(camera))}>
          <Icon name="camera" size={20} />
          {t('photos.take')}
        </button>
      )}
      <span className="file-button">
        <input
          id={id}
          type="file"
          accept="image/*"
          capture="environment"
          className="visually-hidden"
          disabled={isBusy}
          data-testid="photo-file"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file !== undefined) onPicture(smallPicture(file));
          }}
        />
        <label htmlFor={id} className="button" data-disabled={isBusy}>
          <Icon name="plus" size={20} />
          {t('photos.choose')}
        </label>
      </span>
    </>
  );
}
