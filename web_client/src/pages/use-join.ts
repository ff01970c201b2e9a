import { useEffect, useState } from 'react';
import { RECONNECT, backoffDelay } from '../connection/backoff';
import { RequestError, codeOf } from '../protocol/errors';
import type { JoinAnswer } from '../protocol/rest';
import { takeFragmentToken } from '../protocol/tokens';
import { joinLesson } from './join-lesson';
import { keepAccessToken } from './rest-token';
import { tokenStore } from './token-store';

export type Join =
  | { status: 'joining'; code: string | null }
  | { status: 'joined'; answer: JoinAnswer; atMs: number }
  | { status: 'ended' }
  | { status: 'refused'; code: string };

/** What passes by itself and is tried again. */
const PASSING = new Set(['offline', 'unavailable', 'timeout', 'server_stopping', 'rate_limited', 'too_many_participants']);

/** The page's address is of one role; the invitation decides, and the address follows. */
const PAGE_OF_ROLE = { master: 'teach', classroom: 'classroom', assistant: 'assist', student: 'join', observer: 'observe' };

export function useJoin(lesson: string): Join {
  const [join, setJoin] = useState<Join>({ status: 'joining', code: null });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const invitation = takeFragmentToken();
    if (invitation !== null) tokenStore.keepInvitation(lesson, invitation);
    const attempt = async (count: number): Promise<void> => {
      try {
        const answer = await joinLesson(lesson);
        if (isGone) return;
        keepAccessToken(lesson, answer.access_token);
        const path = `/${PAGE_OF_ROLE[answer.seat.role]}/${lesson}`;
        window.history.replaceState(null, '', path + window.location.search);
        setJoin({ status: 'joined', answer, atMs: Date.now() });
      } catch (error) {
        if (isGone) return;
        const code = codeOf(error);
        if (code === 'lesson_ended') setJoin({ status: 'ended' });
        else if (PASSING.has(code)) {
          setJoin({ status: 'joining', code });
          const delayMs = (error instanceof RequestError ? error.retryAfterMs : null) ?? backoffDelay(RECONNECT, count, Math.random());
          timer = setTimeout(() => void attempt(count + 1), delayMs);
        } else setJoin({ status: 'refused', code });
      }
    };
    void attempt(0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [lesson]);
  return join;
}
