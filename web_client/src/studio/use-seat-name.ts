import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';

/** What people are called: their name, or their role where none was given. */
export function useNameOf(): (seat: Pick<Seat, 'name' | 'role'>) => string {
  const { t } = useTranslation();
  return (seat) => seat.name || t(`role.${seat.role}`);
}

/** The name of a seat that may have left; null stands for an administrator. */
export function useSeatName(): (id: string | null) => string {
  const { t } = useTranslation();
  const { room } = useRoom();
  const nameOf = useNameOf();
  return (id) => {
    if (id === null) return t('teach.administrator');
    const seat = room.seats.get(id);
    return seat === undefined ? t('teach.somebodyGone') : nameOf(seat);
  };
}
