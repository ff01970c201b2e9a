import { useCallback, useEffect, useState } from 'react';
import { faultOf, useCaller } from './caller';

export interface Loaded<T> {
  value: T | null;
  fault: string | null;
  reload: () => void;
}

/** What `load` gives, loaded again when it changes (memoize it) and on `reload`, which keeps the old value meanwhile. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const caller = useCaller();
  const [count, setCount] = useState(0);
  const [state, setState] = useState<{ of: () => Promise<T>; value: T | null; fault: string | null } | null>(null);
  useEffect(() => {
    let isGone = false;
    load().then(
      (value) => {
        if (!isGone) setState({ of: load, value, fault: null });
      },
      (error: unknown) => {
        if (!isGone) setState({ of: load, value: null, fault: faultOf(error, caller) });
      },
    );
    return () => {
      isGone = true;
    };
  }, [load, count, caller]);
  const reload = useCallback(() => setCount((before) => before + 1), []);
  const isOfNow = state?.of === load;
  return { value: isOfNow ? state.value : null, fault: isOfNow ? state.fault : null, reload };
}
