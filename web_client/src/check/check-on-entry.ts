import { useEffect } from 'react';
import { useObservable, useRoom } from '../components/session-context';
import { isKiosk } from '../pages/kiosk';
import { checkRunOf } from './check-run';

const CHECKED_ROLES = new Set(['master', 'assistant', 'classroom']);

/** Who enters before the lesson runs is checked once by itself, as soon as there is something to check. */
export function useCheckOnEntry(): void {
  const { room, session, view } = useRoom();
  const own = useObservable(session.media.view);
  const hasMedia = view.publishing === 'connected' || (own.cameraFault !== null && own.microphoneFault !== null);
  const isDue = room.lesson.state === 'lobby' && hasMedia && CHECKED_ROLES.has(session.joined.seat.role) && !isKiosk();
  useEffect(() => {
    if (isDue) checkRunOf(session).startOnce();
  }, [isDue, session]);
}
