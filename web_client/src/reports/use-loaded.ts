import { useCallback, useEffect, useState } from 'react';
import { codeOf } from '../protocol/errors';

export type Loaded<T> = { status: 'loading' } | { status: 'ready'; value: T } | { status: 'refused'; code: string };

interface Kept<T> {
  of: () => Promise<T>;
  outcome: Loaded<T>;
}

/** What `load` gives, and the way to ask again. A new `load` begins anew; an answer to an older one is dropped. */
export function useLoaded<T>(load: () => Promise<T>): [Loaded<T>, () => void] {
  const [kept, setKept] = useState<Kept<T> | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (value) => isCurrent && setKept({ of: load, outcome: { status: 'ready', value } }),
      (error: unknown) => isCurrent && setKept({ of: load, outcome: { status: 'refused', code: codeOf(error) } }),
    );
    return () => {
      isCurrent = false;
    };
  }, [load, attempt]);
  const again = useCallback(() => {
    setKept(null);
    setAttempt((number) => number + 1);
  }, []);
  return [kept?.of === load ? kept.outcome : { status: 'loading' }, again];
}
