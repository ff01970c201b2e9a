/** The big screen of a classroom: read from the last row, worked by one hand or one key. */
import { useTranslation } from 'react-i18next';
import { CatchUpBar, PauseButton } from '../catch-up/catch-up-bar';
import { CheckCard } from '../check/check-card';
import { PromptPanel } from '../classroom/prompt-panel';
import { Consent } from '../components/consent';
import { LostBanner } from '../components/connection-chip';
import { Icon } from '../components/icons';
import { LessonPicture } from '../components/lesson-picture';
import { OwnFaults } from '../components/own-faults';
import { OwnLevel } from '../components/own-level';
import { RaiseHand } from '../components/raise-hand';
import { RoomNotice } from '../components/room-notice';
import { useOwnSeat, useRoom } from '../components/session-context';
import { StageBanner } from '../components/stage-banner';
import { TopBar } from '../components/top-bar';
import { PhotoAnswer } from '../slides/photo-answer';
import { isListenedTo, isOnStage } from '../room/selectors';
import { isKiosk } from './kiosk';

function toggleFullscreen(): void {
  const done = document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen();
  done.catch(() => undefined);
}

export function ClassroomPage({ onFigures }: { onFigures: () => void }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const seat = useOwnSeat();
  const isStaged = isOnStage(room, seat.id);
  const isHeard = isListenedTo(room, seat.id);
  return (
    <div className="classroom" data-theme="board" data-on-stage={isStaged}>
      <TopBar onFigures={onFigures}>
        <PauseButton />
        <button
          type="button"
          className="button button--quiet button--icon"
          aria-label={t('controls.fullscreen')}
          title={t('controls.fullscreen')}
          onClick={toggleFullscreen}
        >
          <Icon name="fullscreen" />
        </button>
      </TopBar>
      <LostBanner />
      <CatchUpBar />
      <RoomNotice />
      <main className="classroom__main">
        <LessonPicture />
        <PromptPanel />
        {room.lesson.state === 'lobby' && (
          <aside className="prompt-panel">
            <CheckCard />
          </aside>
        )}
        <PhotoAnswer />
      </main>
      <footer className="classroom__foot">
        <div className="classroom__room">
          <strong>{seat.name}</strong>
          {!isStaged && (
            <span className="classroom__closed" role="status">
              <Icon name={isHeard ? 'microphone' : 'microphone-off'} size={26} />
              {t(isHeard ? 'classroom.listenedTo' : 'classroom.microphoneClosed')}
            </span>
          )}
          <OwnLevel />
        </div>
        <OwnFaults />
        <StageBanner />
        <Consent asksAtEntry={!isKiosk()} />
        <RaiseHand seat={seat} />
      </footer>
    </div>
  );
}
