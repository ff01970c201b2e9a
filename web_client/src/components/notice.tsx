import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icons';
import { useRoom } from './session-context';

const SHOWN_MS = 8_000;

/** Says in words why the last request was refused. */
export function Notice() {
  const { t, i18n } = useTranslation();
  const { session, view } = useRoom();
  const notice = view.notice;
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => session.forgetNotice(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice, session]);
  const key = `error.${notice?.code ?? ''}`;
  return (
    <div aria-live="assertive">
      {notice !== null && (
        <div className="toast" data-testid="notice">
          <Icon name="warning" />
          <span>{t(i18n.exists(key) ? key : 'error.internal_error')}</span>
          <button type="button" className="button button--quiet button--icon" aria-label={t('common.close')} onClick={() => session.forgetNotice()}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
