import { useCallback, useState } from 'react';
import type { Preferences } from './preferences';
import { keepPreferences, readPreferences, wantsLessData } from './preferences';

/** How this computer likes to watch; what is changed is kept. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(() => readPreferences(window.localStorage, wantsLessData()));
  const change = useCallback((part: Partial<Preferences>): void => {
    setPreferences((before) => {
      const after = { ...before, ...part };
      keepPreferences(window.localStorage, after);
      return after;
    });
  }, []);
  return [preferences, change];
}
