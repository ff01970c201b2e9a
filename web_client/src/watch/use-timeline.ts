import { useEffect, useState } from 'react';
import { tokenStore } from '../pages/token-store';
import type { Timeline } from '../protocol/rest';
import { rest } from '../protocol/rest';

const NOTHING: Timeline = { chapters: [], pages: [], ink: [], questions: [] };

/** What plays beside a replay; a replay without it is watched all the same. */
export function useTimeline(resource: string): Timeline {
  const [timeline, setTimeline] = useState(NOTHING);
  useEffect(() => {
    let isGone = false;
    const token = tokenStore.replayToken(resource) ?? tokenStore.credential();
    if (token === null) return;
    rest
      .timeline(resource, token, tokenStore.reason(resource))
      .then((found) => {
        if (!isGone) setTimeline(found);
      })
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [resource]);
  return timeline;
}
