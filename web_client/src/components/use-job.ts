import { useCallback, useEffect, useState } from 'react';
import { backoffDelay } from '../connection/backoff';
import type { BackoffRule } from '../connection/backoff';
import { codeOf } from '../protocol/errors';
import { isOpen, jobs } from '../protocol/jobs';
import type { Job } from '../protocol/jobs';

/** What moves is looked at often, what stands still ever more seldom. */
export const JOB_POLL: BackoffRule = { firstMs: 1_000, longestMs: 15_000, jitterRatio: 0.2 };

export interface SeenJob {
  job: Job | null;
  /** Why it could not be read or changed. */
  fault: string | null;
}

/** How often in a row nothing had changed, after another look. */
export function stillFor(count: number, before: Job | null, found: Job | null): number {
  const isSame = found === null || (before !== null && before.progress === found.progress && before.state === found.state);
  return isSame ? count + 1 : 0;
}

/** A job, looked at until it is over. `change`: cancel or retry, after which it is looked at anew. */
export function useJob(id: string, token: string): SeenJob & { change: (what: 'cancel' | 'retry') => void } {
  const [seen, setSeen] = useState<SeenJob>({ job: null, fault: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (count: number, before: Job | null): Promise<void> => {
      let found: Job | null = null;
      let fault: string | null = null;
      try {
        found = await jobs.job(id, token);
      } catch (error) {
        fault = codeOf(error);
      }
      if (isGone) return;
      setSeen({ job: found ?? before, fault });
      const last = found ?? before;
      if (last !== null && !isOpen(last)) return;
      const still = stillFor(count, before, found);
      timer = setTimeout(() => void look(still, last), backoffDelay(JOB_POLL, still, Math.random()));
    };
    void look(0, null);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [id, token, round]);
  const change = useCallback(
    (what: 'cancel' | 'retry') => {
      jobs[what](id, token).then(
        (job) => {
          setSeen({ job, fault: null });
          setRound((before) => before + 1);
        },
        (error: unknown) => setSeen((before) => ({ ...before, fault: codeOf(error) })),
      );
    },
    [id, token],
  );
  return { ...seen, change };
}
