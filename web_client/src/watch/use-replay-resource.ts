import { useEffect, useState } from 'react';
import { REPLAY_POLL, backoffDelay } from '../connection/backoff';
import { isPlayable } from '../components/use-replay';
import { codeOf } from '../protocol/errors';
import type { Resource } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { takeFragmentToken } from '../protocol/tokens';
import { tokenStore } from '../pages/token-store';

export type ReplayResource =
  | { status: 'loading' }
  | { status: 'preparing' }
  | { status: 'failed' }
  | { status: 'refused'; code: string }
  | { status: 'ready'; main: Resource; screen: Resource | null };

/** The token of the link, else the one kept by this tab, else who is signed in. */
function takeReplayToken(resource: string): string | null {
  const handed = takeFragmentToken();
  if (handed !== null) tokenStore.keepReplayToken(resource, handed);
  return tokenStore.replayToken(resource) ?? tokenStore.credential();
}

/** The screen that belongs to a teacher's picture; a replay without one is complete too. */
async function findScreen(main: Resource, token: string, reason: string): Promise<Resource | null> {
  if (main.kind !== 'teacher') return null;
  try {
    const all = await rest.resources(main.lesson, token, reason);
    return all.find((resource) => resource.kind === 'screen' && isPlayable(resource)) ?? null;
  } catch {
    return null;
  }
}

async function load(resource: string, token: string): Promise<ReplayResource> {
  const reason = tokenStore.reason(resource);
  const main = await rest.resource(resource, token, reason);
  if (main.state === 'failed') return { status: 'failed' };
  if (!isPlayable(main)) return { status: 'preparing' };
  return { status: 'ready', main, screen: await findScreen(main, token, reason) };
}

export function useReplayResource(resource: string): ReplayResource {
  const [state, setState] = useState<ReplayResource>({ status: 'loading' });
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const token = takeReplayToken(resource);
    const attempt = async (count: number): Promise<void> => {
      const found = await (token === null
        ? Promise.resolve<ReplayResource>({ status: 'refused', code: 'token_missing' })
        : load(resource, token).catch((error: unknown): ReplayResource => ({ status: 'refused', code: codeOf(error) })));
      if (isGone) return;
      setState(found);
      const mayChange = found.status === 'preparing' || (found.status === 'refused' && ['offline', 'unavailable'].includes(found.code));
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
