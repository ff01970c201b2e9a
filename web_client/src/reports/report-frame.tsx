import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, Mark } from '../components/icons';
import { LanguageSwitch } from '../components/language-switch';

/** The head of a report; paper shows neither it nor the buttons. */
export function ReportFrame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="schedule report-page">
      <header className="schedule__head">
        <Mark size={38} />
        <strong>Tandem</strong>
        <span className="top-bar__gap" />
        <LanguageSwitch />
        <a className="button button--quiet" href="/reports">
          {t('report.toReports')}
        </a>
      </header>
      {children}
    </div>
  );
}

/** Why there is nothing to see, and what to do. */
export function Refusal({ code, onAgain }: { code: string; onAgain: () => void }) {
  const { t, i18n } = useTranslation();
  const key = `error.${code}`;
  const needsSignIn = code.startsWith('token_');
  return (
    <div className="empty" role="alert">
      <Icon name="warning" />
      <strong>{t('refused.title')}</strong>
      <p>{needsSignIn ? t('report.signIn') : t(i18n.exists(key) ? key : 'error.internal_error')}</p>
      {needsSignIn ? (
        <a className="button button--primary" href="/">
          {t('schedule.signIn')}
        </a>
      ) : (
        <button type="button" className="button button--primary" onClick={onAgain}>
          {t('common.tryAgain')}
        </button>
      )}
    </div>
  );
}
