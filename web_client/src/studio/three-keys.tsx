/** Pause, forbid all, shut down: one key each, the state in words. Shutting down asks first: it cannot be undone. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';
import type { IconName } from '../components/icons';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { hasModifier } from '../components/typing';
import { KEYS } from './keys';

export function ThreeKeys() {
  const { t } = useTranslation();
  const { session, room } = useRoom();
  const [isAsking, setIsAsking] = useState(false);
  const { state } = room.lesson;
  const isPaused = state === 'suspended';
  const isForbidden = room.controls.is_all_forbidden;
  const canPause = state === 'live' || isPaused;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.repeat || hasModifier(event)) return;
      if (event.key === KEYS.pause && canPause) void session.act({ type: isPaused ? 'lesson_resume' : 'lesson_suspend' });
      else if (event.key === KEYS.forbid) void session.act({ type: 'forbid_all', forbidden: !isForbidden });
      else if (event.key === KEYS.shutDown) setIsAsking(true);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [session, isPaused, canPause, isForbidden]);
  return (
    <div className="three-keys" role="group" aria-label={t('teach.keys.title')}>
      <Key
        testId="key-pause"
        icon={isPaused ? 'play' : 'pause'}
        label={t(isPaused ? 'teach.keys.resume' : 'teach.keys.pause')}
        shortcut={KEYS.pause}
        isOn={isPaused}
        isDisabled={!canPause}
        onPress={() => void session.act({ type: isPaused ? 'lesson_resume' : 'lesson_suspend' })}
      />
      <Key
        testId="key-forbid"
        icon="hand-stop"
        label={t(isForbidden ? 'teach.keys.allow' : 'teach.keys.forbid')}
        shortcut={KEYS.forbid}
        isOn={isForbidden}
        onPress={() => void session.act({ type: 'forbid_all', forbidden: !isForbidden })}
      />
      <Key testId="key-shut-down" icon="power" label={t('teach.keys.shutDown')} shortcut={KEYS.shutDown} isDanger onPress={() => setIsAsking(true)} />
      {isAsking && <ShutDownDialog onClose={() => setIsAsking(false)} />}
    </div>
  );
}

interface KeyProps {
  testId: string;
  icon: IconName;
  label: string;
  shortcut: string;
  isOn?: boolean;
  isDanger?: boolean;
  isDisabled?: boolean;
  onPress: () => void;
}

function Key({ testId, icon, label, shortcut, isOn, isDanger, isDisabled, onPress }: KeyProps) {
  const look = isOn === true ? ' control--off' : isDanger === true ? ' control--danger' : '';
  return (
    <button type="button" className={`control${look}`} data-testid={testId} disabled={isDisabled} aria-keyshortcuts={shortcut} onClick={onPress}>
      <Icon name={icon} size={26} />
      <span className="control__label">
        {label} <kbd>{shortcut}</kbd>
      </span>
    </button>
  );
}

function ShutDownDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  return (
    <Dialog title={t('teach.keys.shutDownTitle')} onClose={onClose}>
      <p>{t('teach.keys.shutDownBody')}</p>
      <div className="dialog__actions">
        <button type="button" className="button" onClick={onClose}>
          {t('studio.endKeep')}
        </button>
        <button
          type="button"
          className="button button--danger-solid"
          data-testid="confirm-shut-down"
          onClick={() => {
            onClose();
            void session.act({ type: 'shut_down' });
          }}
        >
          {t('teach.keys.shutDownConfirm')}
        </button>
      </div>
    </Dialog>
  );
}
