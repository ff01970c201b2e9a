import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icons';

/** What went wrong, in words, and perhaps what to do. Nothing when nothing did. */
export function Fault({ code, children }: { code: string | null; children?: ReactNode }) {
  const { t } = useTranslation();
  if (code === null) return null;
  return (
    <div className="fault" role="alert">
      <Icon name="warning" />
      <span>{t([`error.${code}`, 'error.internal_error'])}</span>
      {children}
    </div>
  );
}

export function TryAgain({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="button button--small" onClick={onClick}>
      {t('common.tryAgain')}
    </button>
  );
}
