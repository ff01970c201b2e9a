import { useTranslation } from 'react-i18next';

export function Loading({ text }: { text?: string }) {
  const { t } = useTranslation();
  return (
    <main className="message-page" aria-busy="true">
      <span className="spinner" aria-hidden="true" />
      <p role="status">{text ?? t('common.loading')}</p>
    </main>
  );
}
