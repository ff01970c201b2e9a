import type { ReactNode } from 'react';
import { useEffect, useState } from 'react';
import { CatchUpProvider } from '../catch-up/catch-up-context';
import { useCheckOnEntry } from '../check/check-on-entry';
import { RoomSound } from '../components/room-sound';
import { StatisticsOverlay } from '../components/statistics-overlay';
import { Notice } from '../components/notice';
import { useRoom } from '../components/session-context';
import { isTyping } from '../components/typing';
import { AssistantPage } from './assistant-page';
import { ClassroomPage } from './classroom-page';
import { StudioPage } from './studio-page';
import { ViewerPage } from './viewer-page';

/** The page of the seat's role, with what all of them share: sound, notices, connection figures. */
export function RoomPage() {
  const [showsFigures, setShowsFigures] = useState(false);
  useCheckOnEntry();
  useEffect(() => {
    const toggle = (event: KeyboardEvent): void => {
      if (event.key === '?' && !isTyping(event)) setShowsFigures((shown) => !shown);
    };
    window.addEventListener('keydown', toggle);
    return () => window.removeEventListener('keydown', toggle);
  }, []);
  return (
    <>
      <MayCatchUp>
        <RolePage onFigures={() => setShowsFigures((shown) => !shown)} />
        <RoomSound />
      </MayCatchUp>
      <Notice />
      {showsFigures && <StatisticsOverlay onClose={() => setShowsFigures(false)} />}
    </>
  );
}

/** Who listens may be behind; who teaches or runs a room is needed now. */
function MayCatchUp({ children }: { children: ReactNode }) {
  const { role } = useRoom().session.joined.seat;
  const listens = role === 'classroom' || role === 'student' || role === 'observer';
  return listens ? <CatchUpProvider>{children}</CatchUpProvider> : children;
}

function RolePage({ onFigures }: { onFigures: () => void }) {
  const { session } = useRoom();
  switch (session.joined.seat.role) {
    case 'master':
      return <StudioPage onFigures={onFigures} />;
    case 'classroom':
      return <ClassroomPage onFigures={onFigures} />;
    case 'assistant':
      return <AssistantPage onFigures={onFigures} />;
    case 'student':
    case 'observer':
      return <ViewerPage onFigures={onFigures} />;
  }
}
