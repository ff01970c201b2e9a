/** A round that asks for a photo: take one of the exercise books, look at it, send it. For the classroom and its assistant. */
import { useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useObservable, useOwnSeat, useRoom } from '../components/session-context';
import { restToken } from '../pages/rest-token';
import type { Round } from '../protocol/board';
import { uploadPhoto } from '../protocol/decks';
import { codeOf } from '../protocol/errors';
import { ownClassroom } from '../room/selectors';
import { pictureOf, smallPicture } from './picture';

type State =
  | { status: 'empty' }
  | { status: 'chosen' | 'sending'; photo: Blob; address: string }
  | { status: 'failed'; code: string };

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
  const [state, setState] = useState<State>({ status: 'empty' });
  const screen = seat.role === 'assistant' ? ownClassroom(room, seat) : seat;
  const isAnswered = round.answers.some((answer) => answer.seat === (screen ?? seat).id);
  const address = 'address' in state ? state.address : null;
  useEffect(() => () => (address === null ? undefined : URL.revokeObjectURL(address)), [address]);
  const take = async (picture: Promise<Blob>): Promise<void> => {
    try {
      const photo = await picture;
      setState({ status: 'chosen', photo, address: URL.createObjectURL(photo) });
    } catch {
      setState({ status: 'failed', code: 'photo_malformed' });
    }
  };
  const send = async (photo: Blob, shown: string): Promise<void> => {
    setState({ status: 'sending', photo, address: shown });
    try {
      const { id } = await uploadPhoto(session.joined.lesson.id, await restToken(session.joined.lesson.id), photo);
      await session.request({ type: 'round_answer', round: round.id, photo: id });
      setState({ status: 'empty' });
    } catch (error) {
      setState({ status: 'failed', code: codeOf(error) });
    }
  };
  return (
    <section className="photo-answer" aria-label={t('photos.title')} data-testid="photo-answer" data-answered={isAnswered}>
      <p className="photo-answer__prompt">{round.prompt}</p>
      {state.status === 'failed' && (
        <p className="fault" role="alert">
          {t([`error.${state.code}`, 'error.internal_error'])}
        </p>
      )}
      {address !== null && <img className="photo-answer__picture" src={address} alt={t('photos.chosen')} />}
      {isAnswered && state.status === 'empty' && (
        <p className="photo-answer__sent" role="status">
          <Icon name="check" size={22} />
          {t('photos.sent')}
        </p>
      )}
      <div className="photo-answer__keys">
        <TakeButtons isBusy={state.status === 'sending'} onPicture={(picture) => void take(picture)} />
        {(state.status === 'chosen' || state.status === 'sending') && (
          <button
            type="button"
            className="button button--primary"
            disabled={state.status === 'sending'}
            data-testid="photo-send"
            onClick={() => void send(state.photo, state.address)}
          >
            {t(state.status === 'sending' ? 'photos.sending' : 'photos.send')}
          </button>
        )}
      </div>
      {!isAnswered && <p className="soft">{t('photos.who')}</p>}
    </section>
  );
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
