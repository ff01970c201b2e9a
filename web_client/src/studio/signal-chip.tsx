import { useTranslation } from 'react-i18next';
import type { IconName } from '../components/icons';
import { Icon } from '../components/icons';
import type { RoomSignal } from '../protocol/board';

const ICONS: Record<RoomSignal, IconName> = {
  too_fast: 'fast',
  cannot_hear: 'sound-off',
  not_ready: 'clock',
  fault: 'warning',
  done: 'check',
};

/** What a room tells with one key, as sign and word. */
export function SignalChip({ signal }: { signal: RoomSignal }) {
  const { t } = useTranslation();
  return (
    <span className={signal === 'done' ? 'chip chip--good' : 'chip chip--warn'} data-signal={signal}>
      <Icon name={ICONS[signal]} size={18} />
      {t(`signal.${signal}`)}
    </span>
  );
}
