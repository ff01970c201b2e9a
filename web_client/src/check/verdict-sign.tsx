import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import type { Verdict } from '../protocol/links';

const LOOK = {
  green: { chip: 'chip chip--good', icon: 'check' },
  amber: { chip: 'chip chip--warn', icon: 'warning' },
  red: { chip: 'chip chip--bad', icon: 'close' },
} as const;

/** A verdict in words, sign and colour. */
export function VerdictSign({ verdict, tier }: { verdict: Verdict; tier?: string | null }) {
  const { t } = useTranslation();
  const look = LOOK[verdict];
  return (
    <span className={look.chip} data-verdict={verdict}>
      <Icon name={look.icon} size={18} />
      {t(`check.verdict.${verdict}`)}
      {tier !== undefined && tier !== null && ` · ${tier}`}
    </span>
  );
}

/** A seat's verdict and tier, for walls and lists; nothing before its first check. */
export function CheckBadge({ seat }: { seat: string }) {
  const { room } = useRoom();
  const check = room.links.checks[seat];
  return check === undefined ? null : <VerdictSign verdict={check.verdict} tier={check.tier} />;
}
