/** The catch-up of a seat: knows what was missed, whether there is a recording, and how far behind it plays. */
import type { ReactNode } from 'react';
import { createContext, useCallback, useContext, useEffect, useMemo, useReducer, useState } from 'react';
import { connectionHealth } from '../components/connection-health';
import { useOwnSeat, useRoom } from '../components/session-context';
import { livePeers } from '../connection/diagnostics';
import type { LessonSession } from '../connection/lesson-session';
import { restToken } from '../pages/rest-token';
import type { LiveResource } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { isOnStage, master } from '../room/selectors';
import type { CatchUpState, Span } from './catch-up-state';
import { LIVE, catchUp } from './catch-up-state';
import { FlowWatch, READING_MS, receivedBytes } from './flow-watch';

/** Meanwhile the live picture and voice are held back so far (browsers take 4 s at most). */
const HELD_MS = 3_800;
/** So near to live the recording is left: what is held goes on before that, and has 0.8 s to appear. */
export const REJOIN_MS = 3_000;

/** hls.js plays by either; it is loaded when it is needed. */
const CAN_PLAY = 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis;

export interface CatchUp {
  state: CatchUpState;
  /** Whether there is a recording to play from. */
  isPossible: boolean;
  /** While behind: what is played, the teacher's first; empty while it is being asked for. */
  resources: readonly LiveResource[];
  /** While behind: by how much, once something plays. */
  behindMs: number | null;
  /** The last attempt came to nothing. */
  isFailed: boolean;
  pause(): void;
  goOn(): void;
  dismiss(): void;
  liveNow(): void;
  report(behindMs: number): void;
  fail(): void;
}

const nothing = (): void => undefined;
const NO_CATCH_UP: CatchUp = {
  state: LIVE, isPossible: false, resources: [], behindMs: null, isFailed: false,
  pause: nothing, goOn: nothing, dismiss: nothing, liveNow: nothing, report: nothing, fail: nothing,
};

const CatchUpContext = createContext<CatchUp>(NO_CATCH_UP);

export function useCatchUp(): CatchUp {
  return useContext(CatchUpContext);
}

export function CatchUpProvider({ children }: { children: ReactNode }) {
  const { room, session } = useRoom();
  const seat = useOwnSeat();
  const [state, dispatch] = useReducer(catchUp, LIVE);
  const [resources, setResources] = useState<readonly LiveResource[]>([]);
  const [behindMs, setBehindMs] = useState<number | null>(null);
  const [isFailed, setIsFailed] = useState(false);
  const isStaged = isOnStage(room, seat.id);
  const isRecorded = room.recording.state === 'recording' || room.recording.state === 'paused';
  const isRunning = room.lesson.state === 'live' || room.lesson.state === 'suspended';
  const isPossible = isRecorded && isRunning && !isStaged && CAN_PLAY;
  const liveNow = useCallback(() => dispatch({ type: 'liveNow' }), []);
  const fail = useCallback(() => {
    setIsFailed(true);
    dispatch({ type: 'liveNow' });
  }, []);

  const miss = useCallback((span: Span) => dispatch({ type: 'missed', span }), []);
  useMissed(session, miss);

  // Called onto the stage: everybody waits for this room, which must be where they are.
  useEffect(() => {
    if (isStaged) liveNow();
  }, [isStaged, liveNow]);

  const lesson = session.joined.lesson.id;
  const isBehind = state.mode === 'behind';
  useEffect(() => {
    if (!isBehind) return;
    let isGone = false;
    restToken(lesson)
      .then((token) => rest.live(lesson, token))
      .then((found) => {
        if (isGone) return;
        if (found.some((one) => one.kind === 'teacher')) setResources(found);
        else fail();
      })
      .catch(() => {
        if (!isGone) fail();
      });
    return () => {
      isGone = true;
      setResources([]);
    };
  }, [isBehind, lesson, fail]);

  useEffect(() => {
    session.holdBack(isBehind ? HELD_MS : null);
  }, [session, isBehind]);

  const value = useMemo<CatchUp>(
    () => ({
      state, isPossible, resources, behindMs, isFailed, liveNow, fail,
      pause: () => dispatch({ type: 'pause', atMs: serverNowMs(session) - (isBehind ? (behindMs ?? 0) : 0) }),
      goOn: () => {
        setBehindMs(null);
        setIsFailed(false);
        dispatch({ type: 'goOn' });
      },
      dismiss: () => {
        setIsFailed(false);
        dispatch({ type: 'dismiss' });
      },
      report: setBehindMs,
    }),
    [session, state, isPossible, resources, behindMs, isFailed, isBehind, liveNow, fail],
  );
  return <CatchUpContext value={value}>{children}</CatchUpContext>;
}

function serverNowMs(session: LessonSession): number {
  return Date.now() + session.view.get().clockOffsetMs;
}

/** Tells of each silence that the own connection had while the teacher was there. */
function useMissed(session: LessonSession, onMissed: (span: Span) => void): void {
  useEffect(() => {
    const watch = new FlowWatch();
    let unhealthyAtMs = 0;
    const read = async (): Promise<void> => {
      const bytes = await receivedBytes(livePeers());
      const view = session.view.get();
      const atMs = serverNowMs(session);
      if (connectionHealth(view) !== 'connected') unhealthyAtMs = atMs;
      const span = watch.take(bytes, atMs);
      if (span === null || view.room === null || unhealthyAtMs < span.fromMs) return;
      if (view.room.lesson.state === 'live' && master(view.room)?.connected === true) onMissed(span);
    };
    const timer = setInterval(() => void read().catch(() => undefined), READING_MS);
    return () => clearInterval(timer);
  }, [session, onMissed]);
}
