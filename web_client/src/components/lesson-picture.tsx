import { useTranslation } from 'react-i18next';
import { PagesProgress, SlideSlot } from '../slides/slide-slot';
import { isOnStage, master, publicationOf, stage } from '../room/selectors';
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
  const hasScreen = teacher !== null && publicationOf(room, teacher.id, 'screen') !== null;
  const hasSlide = !hasScreen && room.board.slide !== null;
  const own = session.joined.seat.id;
  const others = stage(room).filter((seat) => seat.id !== own);
  const hasStage = others.length > 0 || isOnStage(room, own);
  return (
    <section className="lesson-picture" data-screen={hasScreen || hasSlide} data-stage={hasStage}>
      {room.lesson.state === 'lobby' && <LobbyNote />}
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
            <PictureTile seat={teacher} source="camera" />
          </div>
          {hasScreen && (
            <div className="lesson-picture__cell lesson-picture__cell--screen">
              <PictureTile seat={teacher} source="screen" fit="contain" />
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
              <PictureTile seat={seat} source="camera" />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
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
