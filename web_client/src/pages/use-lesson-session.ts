import { useEffect, useState } from 'react';
import { LessonSession } from '../connection/lesson-session';
import type { DeviceChoice } from '../devices/device-choice';
import type { JoinAnswer } from '../protocol/rest';
import { tokenStore } from './token-store';

/** Opens the session when the devices are chosen and closes it with the page. */
export function useLessonSession(joined: JoinAnswer, joinedAtMs: number, choice: DeviceChoice | null): LessonSession | null {
  const [session, setSession] = useState<LessonSession | null>(null);
  useEffect(() => {
    if (choice === null) return;
    const opened = new LessonSession(joined, joinedAtMs, tokenStore, choice);
    opened.open();
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the session is the external system this effect owns
    setSession(opened);
    return () => opened.close();
  }, [joined, joinedAtMs, choice]);
  return session;
}
