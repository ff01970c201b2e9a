import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';
import { Icon } from '../components/icons';
import { useOwnSeat, useRoom } from '../components/session-context';
import type { Block } from '../protocol/controls';
import { ownBlock } from '../room/own-room';

/** The three keys for the own room. The master sees each as an alarm; only who set one takes it back. */
export function RoomOrder({ classroom }: { classroom: string }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const [asksShutDown, setAsksShutDown] = useState(false);
  const block = ownBlock(room, me);
  const isOthers = block !== null && block.by !== me.id;
  const set = (next: Block | null): void => void session.act({ type: 'classroom_block', classroom, block: next });
  return (
    <div className="panel-group">
      <h3>{t('panel.order')}</h3>
      {block !== null && (
        <p className="fault" role="status" data-testid="own-block" data-block={block.block}>
          <Icon name="warning" />
          {t(`panel.block.${block.block}`)}
          {isOthers && ` ${t('panel.blockByOther')}`}
        </p>
      )}
      <div className="button-row">
        {block === null ? (
          <>
            <button type="button" className="button" data-testid="block-paused" aria-keyshortcuts="P" onClick={() => set('paused')}>
              <Icon name="pause" size={20} />
              {t('panel.pause')}
              <kbd>P</kbd>
            </button>
            <button type="button" className="button" data-testid="block-forbidden" onClick={() => set('forbidden')}>
              <Icon name="camera-off" size={20} />
              {t('panel.forbid')}
            </button>
            <button type="button" className="button button--danger" data-testid="block-shut_down" onClick={() => setAsksShutDown(true)}>
              <Icon name="close" size={20} />
              {t('panel.shutDown')}
            </button>
          </>
        ) : (
          <button type="button" className="button button--primary" data-testid="block-lift" disabled={isOthers} onClick={() => set(null)}>
            {t('panel.lift')}
          </button>
        )}
      </div>
      <p className="soft">{t('panel.orderHint')}</p>
      {asksShutDown && (
        <Dialog title={t('panel.shutDownTitle')} onClose={() => setAsksShutDown(false)}>
          <p>{t('panel.shutDownBody')}</p>
          <div className="dialog__actions">
            <button type="button" className="button" onClick={() => setAsksShutDown(false)}>
              {t('common.cancel')}
            </button>
            <button
              type="button"
              className="button button--danger-solid"
              data-testid="confirm-shut-down"
              onClick={() => {
                setAsksShutDown(false);
                set('shut_down');
              }}
            >
              {t('panel.shutDown')}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
