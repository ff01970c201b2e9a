import { useTranslation } from 'react-i18next';
import { MessagePage } from '../components/message-page';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <MessagePage title={t('notFound.title')}>
      <p>{t('notFound.body')}</p>
      <a className="button button--primary" href="/">
        {t('notFound.home')}
      </a>
    </MessagePage>
  );
}
