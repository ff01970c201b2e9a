/** The assistant at the classroom's side: sees what all rooms see, the own room, and works the room's controls. */
import { useTranslation } from 'react-i18next';
import { ControlBar } from '../components/control-bar';
import { LostBanner } from '../components/connection-chip';
import { Icon } from '../components/icons';
import { LessonPicture } from '../components/lesson-picture';
import { OwnFaults } from '../components/own-faults';
import { OwnRoom } from '../components/own-room';
import { Roster } from '../components/roster';
import { useOwnSeat, useRoom } from '../components/session-context';
import { TopBar } from '../components/top-bar';
import { PhotoAnswer } from '../slides/photo-answer';
import { isOnStage } from '../room/selectors';

export function AssistantPage({ onFigures }: { onFigures: () => void }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const seat = useOwnSeat();
  const isStaged = isOnStage(room, seat.id);
  return (
    <div className="assistant">
      <TopBar onFigures={onFigures} />
      <LostBanner />
      <main className="assistant__main">
        <div className="assistant__stage">
          <h2 className="visually-hidden">{t('assistant.stage')}</h2>
          <LessonPicture />
          {isStaged && (
            <p className="floor-note" role="status" data-testid="on-stage">
              <Icon name="microphone" size={28} />
              {t('assistant.ownOnStage')}
            </p>
          )}
        </div>
        <aside className="assistant__side">
          <PhotoAnswer />
          <OwnRoom />
          <OwnFaults />
          <Roster />
        </aside>
      </main>
      {isStaged && <ControlBar />}
    </div>
  );
}
