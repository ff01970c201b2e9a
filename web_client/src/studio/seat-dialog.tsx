import { useTranslation } from 'react-i18next';
import { ReceiveChoice } from '../check/receive-choice';
import { Dialog } from '../components/dialog';
import { MuteButton } from '../components/mute-button';
import { useRoom } from '../components/session-context';
import type { Ability, Block } from '../protocol/controls';
import { BLOCKS } from '../protocol/controls';
import type { Role, Seat } from '../protocol/messages';
import { blockOf, hasGrant } from '../room/selectors';
import { useNameOf } from './use-seat-name';

/** What may be given to a role by name (docs/protocol.md section 4, "granted"). */
const GRANTABLE: Record<Role, readonly Ability[]> = {
  master: [],
  assistant: ['annotate', 'publish_screen'],
  classroom: ['annotate'],
  student: ['annotate', 'send_text'],
  observer: [],
};

/** Everything about one seat that is not done every minute. */
export function SeatDialog({ seat, onClose }: { seat: Seat; onClose: () => void }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const name = useNameOf()(seat);
  const hasVoice = seat.role !== 'observer';
  const end = (type: 'remove' | 'ban'): void => {
    onClose();
    void session.act({ type, seat: seat.id });
  };
  return (
    <Dialog title={name} onClose={onClose}>
      <p className="soft">{t(`role.${seat.role}`)}</p>
      <div className="seat-dialog">
        {hasVoice && (
          <section aria-label={t('teach.mayDo')}>
            <h3>{t('teach.mayDo')}</h3>
            <div className="tile-actions">
              <MuteButton seat={seat} />
              {GRANTABLE[seat.role].map((ability) => (
                <GrantToggle key={ability} seat={seat} ability={ability} />
              ))}
            </div>
          </section>
        )}
        <ReceiveChoice seat={seat.id} legend={t('check.receives')} />
        {seat.role === 'classroom' && seat.classroom !== null && <BlockChoice classroom={seat.classroom} />}
        <section aria-label={t('teach.presence')}>
          <h3>{t('teach.presence')}</h3>
          <div className="tile-actions">
            <button type="button" className="button button--small button--danger" onClick={() => end('remove')}>
              {t('teach.remove')}
            </button>
            <button type="button" className="button button--small button--danger" onClick={() => end('ban')}>
              {t('teach.ban')}
            </button>
          </div>
          <p className="soft">{t('teach.presenceHint')}</p>
        </section>
      </div>
      <div className="dialog__actions">
        <button type="button" className="button" onClick={onClose}>
          {t('common.close')}
        </button>
      </div>
    </Dialog>
  );
}

function GrantToggle({ seat, ability }: { seat: Seat; ability: Ability }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const isGranted = hasGrant(room, seat.id, ability);
  return (
    <button
      type="button"
      className={isGranted ? 'button button--small button--primary' : 'button button--small'}
      aria-pressed={isGranted}
      onClick={() => void session.act({ type: 'ability_grant', seat: seat.id, ability, granted: !isGranted })}
    >
      {t(`teach.ability.${ability}`)}
    </button>
  );
}

function BlockChoice({ classroom }: { classroom: string }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const present = blockOf(room, classroom)?.block ?? null;
  const choose = (block: Block | null) => void session.act({ type: 'classroom_block', classroom, block });
  return (
    <section aria-label={t('teach.roomKeys')}>
      <h3>{t('teach.roomKeys')}</h3>
      <div className="tile-actions">
        {BLOCKS.map((block) => (
          <button
            key={block}
            type="button"
            className={present === block ? 'button button--small button--danger-solid' : 'button button--small button--danger'}
            aria-pressed={present === block}
            onClick={() => choose(present === block ? null : block)}
          >
            {t(`teach.blockRoom.${block}`)}
          </button>
        ))}
      </div>
      <p className="soft">{t('teach.roomKeysHint')}</p>
    </section>
  );
}
