import { useEffect, useState } from 'react';
import { REPLAY_POLL, backoffDelay } from '../connection/backoff';
import { tokenStore } from '../pages/token-store';
import { codeOf } from '../protocol/errors';
import type { Replay } from '../protocol/replays';
import { replays } from '../protocol/replays';
import type { Timeline } from '../protocol/rest';
import { takeFragmentToken } from '../protocol/tokens';

/** A replay, what plays beside it, and how to ask for both again. */
export interface Watched {
  replay: Replay;
  timeline: Timeline;
  token: string;
  ask: () => Promise<Replay>;
}

export type WatchedState =
  | { status: 'loading' | 'preparing' | 'failed' | 'erased' }
  | { status: 'refused'; code: string }
  | ({ status: 'ready' } & Watched);

const NOTHING: Timeline = { chapters: [], pages: [], ink: [], questions: [], stage: [], screens: [], photos: [] };
const MAY_CHANGE: readonly string[] = ['offline', 'unavailable', 'not_permitted'];

/** The token of the link, else the one kept by this tab, else who is signed in. */
function takeReplayToken(resource: string): string | null {
  const handed = takeFragmentToken();
  if (handed !== null) tokenStore.keepReplayToken(resource, handed);
  return tokenStore.replayToken(resource) ?? tokenStore.credential();
}

async function load(resource: string, token: string): Promise<WatchedState> {
  const reason = tokenStore.reason(resource);
  const ask = (): Promise<Replay> => replays.replay(resource, token, reason);
  const replay = await ask();
  if (replay.state === 'failed' || replay.state === 'erased') return { status: replay.state };
  if (replay.state === 'pending' || replay.pictures.length === 0) return { status: 'preparing' };
  // A replay without what plays beside it is watched all the same.
  const timeline = await replays.timeline(resource, token, reason).catch(() => NOTHING);
  return { status: 'ready', replay, timeline, token, ask };
}

export function useWatched(resource: string): WatchedState {
  const [state, setState] = useState<WatchedState>({ status: 'loading' });
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const token = takeReplayToken(resource);
    const attempt = async (count: number): Promise<void> => {
      const found = await (token === null
        ? Promise.resolve<WatchedState>({ status: 'refused', code: 'token_missing' })
        : load(resource, token).catch((error: unknown): WatchedState => ({ status: 'refused', code: codeOf(error) })));
      if (isGone) return;
      setState(found);
      const mayChange = found.status === 'preparing' || (found.status === 'refused' && MAY_CHANGE.includes(found.code));
      if (mayChange) timer = setTimeout(() => void attempt(count + 1), backoffDelay(REPLAY_POLL, count, Math.random()));
    };
    void attempt(0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [resource]);
  return state;
}
