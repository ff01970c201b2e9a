/** The photos with which the rooms answered the present round, for the master, who looks at one or shows it to all. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { MAX_SHOWN_PHOTOS } from '../protocol/board';
import { mayBeShown } from '../room/selectors';
import { usePhotos } from './use-photos';

export function PhotoWall() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const [open, setOpen] = useState<string | null>(null);
  const { round } = room.board;
  const answers = round?.answer === 'photo' ? round.answers.flatMap(({ seat, classroom, photo }) => (photo === null ? [] : [{ seat, classroom, photo }])) : [];
  const photos = usePhotos(answers.map((answer) => answer.photo));
  if (round?.answer !== 'photo' || round.phase === 'prompt') return null;
  const nameOf = (seat: string): string => room.seats.get(seat)?.name ?? t('role.classroom');
  const opened = answers.find((answer) => answer.seat === open);
  const large = photos.get(opened?.photo ?? '');
  return (
    <section className="photo-wall" aria-label={t('photos.wall')} data-testid="photo-wall">
      <h2 className="section-title">
        <Icon name="camera" />
        {t('photos.wall')}
      </h2>
      <p className="soft">{round.prompt}</p>
      <Shown />
      {answers.length === 0 && <p className="empty">{t('photos.noneYet')}</p>}
      <ul className="photo-wall__rooms">
        {answers.map(({ seat, classroom, photo }) => {
          const found = photos.get(photo);
          return (
            <li key={seat}>
              <button type="button" className="photo" disabled={found === undefined} onClick={() => setOpen(seat)} data-testid="photo">
                {found === undefined ? <span className="photo__empty" /> : <img src={found.url} alt={t('photos.of', { name: nameOf(seat) })} />}
                <strong>{nameOf(seat)}</strong>
              </button>
              <ShowButton photo={photo} name={nameOf(seat)} isFree={mayBeShown(room, seat, classroom)} />
            </li>
          );
        })}
      </ul>
      {opened !== undefined && large !== undefined && (
        <Dialog title={t('photos.of', { name: nameOf(opened.seat) })} onClose={() => setOpen(null)} isWide>
          <img className="photo-wall__large" src={large.url} alt={t('photos.of', { name: nameOf(opened.seat) })} />
          <div className="dialog__actions">
            <ShowButton photo={opened.photo} name={nameOf(opened.seat)} isFree={mayBeShown(room, opened.seat, opened.classroom)} />
            <button type="button" className="button" onClick={() => setOpen(null)}>
              {t('photos.close')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** How many all rooms see now, and the key that takes them away. */
function Shown() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const count = room.board.photos.length;
  return (
    <p className="photo-wall__shown" role="status">
      {count > 0 && (
        <>
          <Icon name="stage" size={20} />
          {t('photos.shownCount', { count })}
          <button type="button" className="button button--small" data-testid="photos-hide" onClick={() => void session.act({ type: 'photos', photos: [] })}>
            {t('photos.hideAll')}
          </button>
        </>
      )}
    </p>
  );
}

/** Shows one photo to all rooms beside those that they see already, or takes it away. */
function ShowButton({ photo, name, isFree }: { photo: string; name: string; isFree: boolean }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const shown = room.board.photos.map((one) => one.photo);
  const isShown = shown.includes(photo);
  const isFull = !isShown && shown.length >= MAX_SHOWN_PHOTOS;
  const others = shown.filter((one) => one !== photo);
  const words = t(isShown ? 'photos.hide' : 'photos.show');
  if (!isFree) return <p className="photo-wall__why soft">{t('photos.withheld')}</p>;
  return (
    <button
      type="button"
      className={isShown ? 'button button--small button--lamp' : 'button button--small'}
      aria-label={`${words}: ${t('photos.of', { name })}`}
      disabled={isFull}
      title={isFull ? t('photos.most', { count: MAX_SHOWN_PHOTOS }) : undefined}
      data-testid="photo-show"
      data-shown={isShown}
      onClick={() => void session.act({ type: 'photos', photos: isShown ? others : [...others, photo] })}
    >
      <Icon name={isShown ? 'check' : 'stage'} size={18} />
      {words}
    </button>
  );
}
