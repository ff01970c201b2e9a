import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatchUp } from '../catch-up/catch-up-context';
import { DvrTile } from '../catch-up/dvr-tile';
import type { Seat, Source } from '../protocol/messages';
import type { LiveResource } from '../protocol/rest';
import { PhotoBoard } from '../slides/photo-board';
import { PagesProgress, SlideSlot } from '../slides/slide-slot';
import { isOnStage, master, publicationOf, seesShownPhotos, stage } from '../room/selectors';
import { OwnStageTile } from './own-stage-tile';
import { PictureTile } from './picture-tile';
import { useRoom } from './session-context';

/**
 * What all rooms see: the teacher, or the shared screen with the teacher in a corner, and the stage beside it.
 * The teacher's element stays the same one when the screen comes and goes.
 */
export function LessonPicture() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const teacher = master(room);
  const hasPhotos = room.board.photos.length > 0 && seesShownPhotos(session.joined.seat.role);
  const hasScreen = !hasPhotos && teacher !== null && publicationOf(room, teacher.id, 'screen') !== null;
  const hasSlide = !hasPhotos && !hasScreen && room.board.slide !== null;
  const own = session.joined.seat.id;
  const others = stage(room).filter((seat) => seat.id !== own);
  const hasStage = others.length > 0 || isOnStage(room, own);
  return (
    <section className="lesson-picture" data-screen={hasScreen || hasSlide || hasPhotos} data-stage={hasStage}>
      {room.lesson.state === 'lobby' && <LobbyNote />}
      {hasPhotos && (
        <div className="lesson-picture__cell lesson-picture__cell--slide">
          <PhotoBoard />
        </div>
      )}
      {hasSlide && (
        <div className="lesson-picture__cell lesson-picture__cell--slide">
          <SlideSlot />
        </div>
      )}
      <PagesProgress />
      {teacher === null ? (
        <div className="lesson-picture__absent">
          <p>{t('lesson.waitingMaster')}</p>
        </div>
      ) : (
        <>
          <div className="lesson-picture__cell lesson-picture__cell--teacher">
            <LivePicture seat={teacher} source="camera" kind="teacher" />
          </div>
          {hasScreen && (
            <div className="lesson-picture__cell lesson-picture__cell--screen">
              <LivePicture seat={teacher} source="screen" kind="screen" fit="contain" />
            </div>
          )}
          {!teacher.connected && (
            <p className="lesson-picture__away" role="alert">
              <strong>{t('lesson.masterAway')}</strong>
              {t('lesson.masterAwayHint')}
            </p>
          )}
        </>
      )}
      {hasStage && (
        <ul className="lesson-picture__stage" aria-label={t('classroom.stage')}>
          {isOnStage(room, own) && (
            <li>
              <OwnStageTile />
            </li>
          )}
          {others.map((seat) => (
            <li key={seat.id}>
              <LivePicture seat={seat} source="camera" kind="stage" />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface LivePictureProps {
  seat: Seat;
  source: Source;
  kind: LiveResource['kind'];
  fit?: 'cover' | 'contain';
}

/** Live, or out of the recording while this room catches up; live also what was not recorded. */
function LivePicture({ seat, source, kind, fit = 'cover' }: LivePictureProps): ReactNode {
  const { t } = useTranslation();
  const { state, resources } = useCatchUp();
  const found = resources.find((one) => one.kind === kind && (one.seat === null || one.seat === seat.id));
  if (state.mode !== 'behind' || found === undefined) return <PictureTile seat={seat} source={source} fit={fit} />;
  const name = seat.name || t(`role.${seat.role}`);
  return <DvrTile live={found} fromMs={state.fromMs} name={source === 'screen' ? t('tile.screenOf', { name }) : name} fit={fit} />;
}

function LobbyNote() {
  const { t } = useTranslation();
  return (
    <div className="lobby-note" role="status">
      <strong>{t('lesson.waiting')}</strong>
      <p>{t('lesson.waitingHint')}</p>
    </div>
  );
}
