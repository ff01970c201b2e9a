import { useRoom } from './session-context';
import { useNow } from './use-now';

/** The server's clock, read again each second while mounted. */
export function useServerNow(): number {
  const { view } = useRoom();
  return useNow() + view.clockOffsetMs;
}
