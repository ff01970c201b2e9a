/** The master's studio: the stage and the wall of classrooms in the middle, the own picture and hands beside. */
import { useTranslation } from 'react-i18next';
import { ControlBar } from '../components/control-bar';
import { LessonSwitch } from '../components/lesson-switch';
import { LostBanner } from '../components/connection-chip';
import { HandsQueue } from '../components/hands-queue';
import { OwnPictures } from '../components/own-pictures';
import { PeopleList } from '../components/people-list';
import { RecordingFault } from '../components/rec-mark';
import { StageStrip } from '../components/stage-strip';
import { PhotoWall } from '../slides/photo-wall';
import { SlideDesk } from '../slides/slide-desk';
import { TopBar } from '../components/top-bar';
import { Wall } from '../components/wall';

export function StudioPage({ onFigures }: { onFigures: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="studio">
      <TopBar onFigures={onFigures}>
        <LessonSwitch />
      </TopBar>
      <LostBanner />
      <RecordingFault />
      <main className="studio__main">
        <div className="studio__rooms">
          <StageStrip />
          <PhotoWall />
          <SlideDesk />
          <Wall />
        </div>
        <aside className="studio__side" aria-label={t('studio.own')}>
          <OwnPictures />
          <HandsQueue />
          <PeopleList />
        </aside>
      </main>
      <ControlBar />
    </div>
  );
}
