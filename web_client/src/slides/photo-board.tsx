/** What the master shows of the rooms' work, side by side in the place of the slide. For classrooms and assistants. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import { RETRY_MS, usePhotos } from './use-photos';

export function PhotoBoard() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const shown = room.board.photos;
  const photos = usePhotos(shown.map((one) => one.photo));
  return (
    <section className="photo-board" aria-label={t('photos.board')} data-testid="photo-board" data-count={shown.length}>
      {shown.map(({ photo, seat, classroom }) => {
        const name = room.seats.get(seat)?.name ?? classroom ?? t('role.classroom');
        const url = photos.get(photo)?.url;
        return (
          <figure key={photo} className="photo-board__one">
            {url === undefined ? <p role="status">{t('photos.coming')}</p> : <BoardPhoto url={url} label={t('photos.of', { name })} />}
            <figcaption>{name}</figcaption>
          </figure>
        );
      })}
    </section>
  );
}

/** One that did not come over a weak link is fetched again. */
function BoardPhoto({ url, label }: { url: string; label: string }) {
  const { t } = useTranslation();
  const [attempt, setAttempt] = useState(0);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    if (!hasFailed) return;
    const timer = setTimeout(() => {
      setFailed(false);
      setAttempt((count) => count + 1);
    }, RETRY_MS);
    return () => clearTimeout(timer);
  }, [hasFailed]);
  if (hasFailed) return <p role="status">{t('photos.coming')}</p>;
  return <img key={attempt} src={url} alt={label} data-testid="shown-photo" onError={() => setFailed(true)} />;
}
