import { useEffect, useState } from 'react';
import type { BackoffRule } from '../connection/backoff';
import { backoffDelay } from '../connection/backoff';
import { rest } from '../protocol/rest';
import type { Resource } from '../protocol/rest';
import { restToken } from '../pages/rest-token';

export type Replay =
  | { status: 'none' }
  | { status: 'waiting' }
  | { status: 'failed' }
  | { status: 'ready'; href: string; durationMs: number | null };

export function isPlayable(resource: Resource): boolean {
  return resource.hls_url !== null && (resource.state === 'playable' || resource.state === 'ready');
}

/** The token travels in the fragment, as in every link of Tandem. */
export function watchLink(resource: string, token: string): string {
  return `/watch/${resource}#token=${encodeURIComponent(token)}`;
}

/** Asks with growing pauses until the lesson's replay can be played. */
export function useReplay(lesson: string, isExpected: boolean, rule: BackoffRule): Replay {
  const [replay, setReplay] = useState<Replay>({ status: isExpected ? 'waiting' : 'none' });
  useEffect(() => {
    if (!isExpected) return;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (attempt: number): Promise<void> => {
      const found = await lookUp(lesson).catch(() => null);
      if (isGone) return;
      if (found !== null) setReplay(found);
      if (found?.status !== 'ready') {
        timer = setTimeout(() => void ask(attempt + 1), backoffDelay(rule, attempt, Math.random()));
      }
    };
    void ask(0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [lesson, isExpected, rule]);
  return replay;
}

async function lookUp(lesson: string): Promise<Replay> {
  const token = await restToken(lesson);
  const resources = await rest.resources(lesson, token);
  const first = resources.find((resource) => resource.kind === 'teacher') ?? resources[0];
  if (first === undefined) return { status: 'waiting' };
  if (isPlayable(first)) return { status: 'ready', href: watchLink(first.id, token), durationMs: first.duration_ms };
  return { status: first.state === 'failed' ? 'failed' : 'waiting' };
}
