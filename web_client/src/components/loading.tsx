import { useTranslation } from 'react-i18next';

/** `theme`: of the page that it stands for, so that nothing flashes. */
export function Loading({ text, theme }: { text?: string; theme?: 'board' }) {
  const { t } = useTranslation();
  return (
    <main className="message-page" data-theme={theme} aria-busy="true">
      <span className="spinner" aria-hidden="true" />
      <p role="status">{text ?? t('common.loading')}</p>
    </main>
  );
}
