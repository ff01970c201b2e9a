/** A student at home or an observer: the lesson, and a hand where the role has one. Made for a phone first. */
import { useTranslation } from 'react-i18next';
import { CatchUpBar, PauseButton } from '../catch-up/catch-up-bar';
import { ControlBar } from '../components/control-bar';
import { LostBanner } from '../components/connection-chip';
import { Icon } from '../components/icons';
import { LessonPicture } from '../components/lesson-picture';
import { OwnFaults } from '../components/own-faults';
import { RaiseHand } from '../components/raise-hand';
import { useOwnSeat, useRoom } from '../components/session-context';
import { TopBar } from '../components/top-bar';
import { isOnStage } from '../room/selectors';

export function ViewerPage({ onFigures }: { onFigures: () => void }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const seat = useOwnSeat();
  const isStaged = isOnStage(room, seat.id);
  const canRaise = session.joined.permissions.includes('request_floor');
  return (
    <div className="viewer" data-theme="board" data-on-stage={isStaged}>
      <TopBar onFigures={onFigures}>
        <PauseButton />
        <button type="button" className="button button--icon" aria-label={t('controls.leave')} onClick={() => void session.leave()}>
          <Icon name="door" />
        </button>
      </TopBar>
      <LostBanner />
      <CatchUpBar />
      <main className="viewer__main">
        <LessonPicture />
      </main>
      <footer className="viewer__foot">
        <OwnFaults />
        {seat.role === 'observer' && <p className="soft">{t('viewer.observing')}</p>}
        {isStaged && (
          <p className="floor-note" role="status" data-testid="on-stage">
            <Icon name="microphone" size={28} />
            {t('viewer.onStage')}
          </p>
        )}
        {isStaged ? <ControlBar /> : canRaise && <RaiseHand seat={seat} />}
      </footer>
    </div>
  );
}
