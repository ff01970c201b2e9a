import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';

const KEYS = [
  ['Space, K', 'play'],
  ['J, L', 'jump'],
  ['←, →', 'smallJump'],
  ['N, P', 'chapter'],
  ['0 – 9', 'tenth'],
  ['<, >', 'speed'],
  ['↑, ↓', 'volume'],
  ['M', 'sound'],
  ['C', 'captions'],
  ['F', 'fullscreen'],
  ['?', 'help'],
] as const;

/** What the keys do. */
export function KeyHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('watch.keysTitle')} onClose={onClose}>
      <dl className="key-help">
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(`watch.key.${does}`)}</dd>
          </div>
        ))}
      </dl>
      <div className="dialog__actions">
        <button type="button" className="button button--primary" onClick={(event) => event.currentTarget.closest('dialog')?.close()}>
          {t('common.close')}
        </button>
      </div>
    </Dialog>
  );
}
