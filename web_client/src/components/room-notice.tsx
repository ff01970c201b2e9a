/** What keeps this room from taking part as usual, in large words: the weightiest first, one at a time. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isOnItsOwn, ownBlock } from '../room/own-room';
import type { RoomState } from '../room/state';
import type { Seat } from '../protocol/messages';
import type { IconName } from './icons';
import { Icon } from './icons';
import { useOwnSeat, useRoom } from './session-context';

export type NoticeKind = 'local' | 'masterLost' | 'suspended' | 'blocked_paused' | 'blocked_forbidden' | 'blocked_shut_down' | 'allForbidden';

export function noticeOf(room: RoomState, seat: Seat): NoticeKind | null {
  if (room.lesson.state === 'master_lost') return isOnItsOwn(room, seat) ? 'local' : 'masterLost';
  if (room.lesson.state === 'suspended') return 'suspended';
  const block = ownBlock(room, seat);
  if (block !== null) return `blocked_${block.block}`;
  return room.controls.is_all_forbidden ? 'allForbidden' : null;
}

const ICONS: Record<NoticeKind, IconName> = {
  local: 'people',
  masterLost: 'signal-off',
  suspended: 'pause',
  blocked_paused: 'pause',
  blocked_forbidden: 'camera-off',
  blocked_shut_down: 'close',
  allForbidden: 'camera-off',
};

export function RoomNotice({ children }: { children?: ReactNode }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const kind = noticeOf(room, useOwnSeat());
  if (kind === null) return null;
  return (
    <div className="room-notice" role="alert" data-testid="room-notice" data-kind={kind}>
      <Icon name={ICONS[kind]} size={40} />
      <div>
        <strong>{t(`notice.${kind}`)}</strong>
        <p>{t(`notice.${kind}Hint`)}</p>
      </div>
      {children}
    </div>
  );
}
