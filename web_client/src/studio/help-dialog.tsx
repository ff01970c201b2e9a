import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';
import { Icon } from '../components/icons';
import { hasModifier } from '../components/typing';
import { KEYS } from './keys';

const LINES = ['help', 'whisper', 'pause', 'forbid', 'shutDown'] as const;

/** The keys of this page, by button and by F1. */
export function HelpButton() {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== KEYS.help || hasModifier(event)) return;
      event.preventDefault();
      setIsOpen(true);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <button
        type="button"
        className="button button--quiet button--icon"
        aria-label={t('teach.help.title')}
        title={t('teach.help.title')}
        aria-keyshortcuts={KEYS.help}
        data-testid="help"
        onClick={() => setIsOpen(true)}
      >
        <Icon name="help" />
      </button>
      {isOpen && (
        <Dialog title={t('teach.help.title')} onClose={() => setIsOpen(false)}>
          <dl className="help">
            {LINES.map((line) => (
              <div key={line}>
                <dt>
                  <kbd>{KEYS[line]}</kbd>
                </dt>
                <dd>{t(`teach.help.${line}`)}</dd>
              </div>
            ))}
            <div>
              <dt>
                <kbd>?</kbd>
              </dt>
              <dd>{t('teach.help.figures')}</dd>
            </div>
            <div>
              <dt>
                <kbd>Tab</kbd>
              </dt>
              <dd>{t('teach.help.tab')}</dd>
            </div>
          </dl>
          <div className="dialog__actions">
            <button type="button" className="button" onClick={() => setIsOpen(false)}>
              {t('common.close')}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
