import { useCallback, useEffect, useState } from 'react';
import { faultOf, useCaller } from './caller';

export interface Outcome<T> {
  value: T | null;
  fault: string | null;
}

export interface Loaded<T> extends Outcome<T> {
  reload: () => void;
}

interface Kept<T> extends Outcome<T> {
  of: () => Promise<T>;
}

/** What is held after a failure: the old value of the same thing stays. */
export function failed<T>(before: Kept<T> | null, of: () => Promise<T>, fault: string): Kept<T> {
  return { of, value: before?.of === of ? before.value : null, fault };
}

/**
 * What `load` gives, loaded again when it changes (memoize it) and on `reload`, which keeps the old value meanwhile and
 * when it fails. `codeOf` names the fault; memoize it too.
 */
export function useLoadedBy<T>(load: () => Promise<T>, codeOf: (error: unknown) => string): Loaded<T> {
  const [count, setCount] = useState(0);
  const [kept, setKept] = useState<Kept<T> | null>(null);
  useEffect(() => {
    let isGone = false;
    load().then(
      (value) => {
        if (!isGone) setKept({ of: load, value, fault: null });
      },
      (error: unknown) => {
        if (!isGone) setKept((before) => failed(before, load, codeOf(error)));
      },
    );
    return () => {
      isGone = true;
    };
  }, [load, count, codeOf]);
  const reload = useCallback(() => setCount((before) => before + 1), []);
  const isOfNow = kept?.of === load;
  return { value: isOfNow ? kept.value : null, fault: isOfNow ? kept.fault : null, reload };
}

/** The same for who is signed in: a credential that has expired leads back to the sign-in. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const caller = useCaller();
  return useLoadedBy(
    load,
    useCallback((error: unknown) => faultOf(error, caller), [caller]),
  );
}
