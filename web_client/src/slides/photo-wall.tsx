/** The photos with which the rooms answered the present round, for the master; one can be looked at closely. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { restToken } from '../pages/rest-token';
import type { Photo } from '../protocol/decks';
import { photosOf } from '../protocol/decks';

const RETRY_MS = 2000;

export function PhotoWall() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [shown, setShown] = useState<string | null>(null);
  const { round } = room.board;
  const answers = round?.answer === 'photo' ? round.answers : [];
  const photos = usePhotos(session.joined.lesson.id, answers.flatMap((answer) => answer.photo ?? []).join(' '));
  if (round?.answer !== 'photo' || round.phase === 'prompt') return null;
  const nameOf = (seat: string): string => room.seats.get(seat)?.name ?? t('role.classroom');
  const open = answers.find((answer) => answer.seat === shown);
  const large = photos.get(open?.photo ?? '');
  return (
    <section className="photo-wall" aria-label={t('photos.wall')} data-testid="photo-wall">
      <h2 className="section-title">
        <Icon name="camera" />
        {t('photos.wall')}
      </h2>
      <p className="soft">{round.prompt}</p>
      {answers.length === 0 && <p className="empty">{t('photos.noneYet')}</p>}
      <ul className="photo-wall__rooms">
        {answers.map(({ seat, photo }) => {
          const found = photo === null ? undefined : photos.get(photo);
          return (
            <li key={seat}>
              <button type="button" className="photo" disabled={found === undefined} onClick={() => setShown(seat)} data-testid="photo">
                {found === undefined ? <span className="photo__empty" /> : <img src={found.url} alt={t('photos.of', { name: nameOf(seat) })} />}
                <strong>{nameOf(seat)}</strong>
              </button>
            </li>
          );
        })}
      </ul>
      {open !== undefined && large !== undefined && (
        <Dialog title={t('photos.of', { name: nameOf(open.seat) })} onClose={() => setShown(null)} isWide>
          <img className="photo-wall__large" src={large.url} alt={t('photos.of', { name: nameOf(open.seat) })} />
          <div className="dialog__actions">
            <button type="button" className="button" onClick={() => setShown(null)}>
              {t('photos.close')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** By id; looked up again when there are others. */
function usePhotos(lesson: string, ids: string): ReadonlyMap<string, Photo> {
  const [photos, setPhotos] = useState<ReadonlyMap<string, Photo>>(new Map());
  useEffect(() => {
    if (ids === '') return;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      restToken(lesson)
        .then((token) => photosOf(lesson, token))
        .then((found) => {
          if (!isGone) setPhotos(new Map(found.map((photo) => [photo.id, photo])));
        })
        .catch(() => {
          if (!isGone) timer = setTimeout(ask, RETRY_MS);
        });
    };
    ask();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [lesson, ids]);
  return photos;
}
