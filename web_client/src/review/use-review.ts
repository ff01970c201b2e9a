/** All that is reviewed: the fast replays of a lesson, its versions, and what one may do with them. */
import { useCallback, useEffect, useState } from 'react';
import { useLoadedBy } from '../administration/use-loaded';
import { codeOf, RequestError } from '../protocol/errors';
import { planning } from '../protocol/planning';
import type { Resource, Timeline } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { takeFragmentToken } from '../protocol/tokens';
import type { Version, VersionDetail } from '../protocol/versions';
import { versions } from '../protocol/versions';
import { tokenStore } from '../pages/token-store';

export interface Rights {
  publish: boolean;
  withdraw: boolean;
}

export interface Reviewed {
  token: string;
  reason: string;
  main: Resource;
  sources: Resource[];
  timeline: Timeline;
  versions: Version[];
  newest: VersionDetail | null;
  rights: Rights;
  lengthMs: number;
}

export interface Review {
  value: Reviewed | null;
  fault: string | null;
  reload: () => void;
}

const AGAIN_MS = 2000;

function takeToken(resource: string): string | null {
  const handed = takeFragmentToken();
  if (handed !== null) tokenStore.keepReplayToken(resource, handed);
  return tokenStore.replayToken(resource) ?? tokenStore.credential();
}

/** A seat has no account: the master's may publish its own lesson, and withdraws nothing. */
async function rightsOf(token: string): Promise<Rights> {
  try {
    const { abilities } = await planning.me(token);
    return { publish: 'versions:publish' in abilities, withdraw: 'versions:withdraw' in abilities };
  } catch {
    return { publish: true, withdraw: false };
  }
}

async function load(resource: string, token: string | null, reason: string): Promise<Reviewed> {
  if (token === null) throw new RequestError('token_missing', '');
  const main = await rest.resource(resource, token, reason);
  const [sources, timeline, all, rights] = await Promise.all([
    rest.resources(main.lesson, token, reason),
    rest.taughtTimeline(resource, token, reason),
    versions.list(main.lesson, token),
    rightsOf(token),
  ]);
  const first = all[0];
  const newest = first === undefined ? null : await versions.find(first.id, token, reason);
  const lengthMs = Math.max(0, ...sources.filter((one) => one.state === 'ready').map((one) => one.taught_ms));
  return { token, reason, main, sources, timeline, versions: all, newest, rights, lengthMs };
}

export function useReview(resource: string): Review {
  const [token] = useState(() => takeToken(resource));
  const ask = useCallback(() => load(resource, token, tokenStore.reason(resource)), [resource, token]);
  const { value, fault, reload } = useLoadedBy(ask, codeOf);
  const isBusy = value?.newest?.state === 'making' || ['pending', 'running'].includes(value?.newest?.package_job?.state ?? '');
  useEffect(() => {
    if (!isBusy) return;
    const timer = setTimeout(reload, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isBusy, value, reload]);
  return { value, fault, reload };
}
