/** The assistant at the classroom's side: sees what all rooms see and the own room, and works the room by keyboard. */
import { useTranslation } from 'react-i18next';
import { AssistantNotice } from '../assistant/lost-master';
import { usePauseKey } from '../assistant/keys';
import { OwnRoom } from '../assistant/own-room';
import { PanelTabs } from '../assistant/panel-tabs';
import { QuestionCards } from '../assistant/question-cards';
import { SignalBar } from '../assistant/signal-bar';
import { TextsCard } from '../assistant/texts-card';
import { HeardWhisper, WhisperButton } from '../assistant/whisper-button';
import { CheckCard } from '../check/check-card';
import { ReceiveChoice } from '../check/receive-choice';
import { ControlBar } from '../components/control-bar';
import { LostBanner } from '../components/connection-chip';
import { Icon } from '../components/icons';
import { LessonPicture } from '../components/lesson-picture';
import { OwnFaults } from '../components/own-faults';
import { OwnLevel } from '../components/own-level';
import { RaiseHand } from '../components/raise-hand';
import { Roster } from '../components/roster';
import { useObservable, useOwnSeat, useRoom } from '../components/session-context';
import { TopBar } from '../components/top-bar';
import { PhotoAnswer } from '../slides/photo-answer';
import { ownWaiting } from '../room/own-room';
import { isOnStage, ownClassroom } from '../room/selectors';

export function AssistantPage({ onFigures }: { onFigures: () => void }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const seat = useOwnSeat();
  const isStaged = isOnStage(room, seat.id);
  const classroom = ownClassroom(room, seat);
  usePauseKey();
  return (
    <div className="assistant">
      <TopBar onFigures={onFigures} />
      <LostBanner />
      <AssistantNotice />
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
          <HeardWhisper />
          <div className="assistant__keys">
            <WhisperButton />
            {classroom !== null && <RaiseHand seat={classroom} isForRoom />}
            <OwnLevel />
          </div>
          <SignalBar />
        </div>
        <aside className="assistant__side">
            <PhotoAnswer />
          <OwnFaults />
          <QuestionCards />
          <Panel />
        </aside>
      </main>
      {isStaged && <ControlBar />}
    </div>
  );
}

function Panel() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const seat = useOwnSeat();
  const { pending } = useObservable(session.talk.view);
  return (
    <PanelTabs
      label={t('panel.title')}
      tabs={[
        { id: 'room', label: t('panel.tabRoom'), count: ownWaiting(room, seat).length, content: <OwnRoom /> },
        { id: 'texts', label: t('panel.tabTexts'), count: pending.length, content: <TextsCard /> },
        {
          id: 'check',
          label: t('panel.tabCheck'),
          count: 0,
          content: (
            <>
              <CheckCard />
              <ReceiveChoice seat={seat.id} legend={t('panel.receiveOwn')} />
            </>
          ),
        },
        { id: 'all', label: t('panel.tabAll'), count: 0, content: <Roster /> },
      ]}
    />
  );
}
