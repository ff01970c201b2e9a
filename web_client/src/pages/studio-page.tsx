/** The master's studio: stage, slides and the wall of classrooms in the middle; who waits and what to work with beside. */
import { useTranslation } from 'react-i18next';
import { ControlBar } from '../components/control-bar';
import { LessonSwitch } from '../components/lesson-switch';
import { LostBanner } from '../components/connection-chip';
import { OwnFaults } from '../components/own-faults';
import { OwnPictures } from '../components/own-pictures';
import { RecordingFault } from '../components/rec-mark';
import { TopBar } from '../components/top-bar';
import { Banners } from '../studio/banners';
import { HandsQueue } from '../studio/hands-queue';
import { HelpButton } from '../studio/help-dialog';
import { SignalsInbox } from '../studio/signals-inbox';
import { SlideSlot } from '../studio/slide-slot';
import { StageStrip } from '../studio/stage-strip';
import { StudioTabs } from '../studio/studio-tabs';
import { ThreeKeys } from '../studio/three-keys';
import { WaitingList } from '../studio/waiting-list';
import { Wall } from '../studio/wall';

export function StudioPage({ onFigures }: { onFigures: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="studio">
      <TopBar onFigures={onFigures}>
        <HelpButton />
        <LessonSwitch />
      </TopBar>
      <LostBanner />
      <RecordingFault />
      <Banners />
      <main className="studio__main">
        <div className="studio__rooms">
          <StageStrip />
          <SlideSlot />
          <Wall />
        </div>
        <aside className="studio__side" aria-label={t('teach.side')}>
          <OwnFaults />
          <WaitingList />
          <SignalsInbox />
          <HandsQueue />
          <StudioTabs />
        </aside>
      </main>
      <footer className="studio__bar">
        <ControlBar />
        <OwnPictures />
        <ThreeKeys />
      </footer>
    </div>
  );
}
