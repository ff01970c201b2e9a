/** The replay of a lesson. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../components/language-switch';
import { Loading } from '../components/loading';
import { MessagePage } from '../components/message-page';
import { Mark } from '../components/icons';
import { momentOfAddress } from '../watch/moment';
import { Player } from '../watch/player';
import { useWatched } from '../watch/use-watched';

const EXPLAINED: Readonly<Record<string, string>> = { token_missing: 'watch.needToken', not_permitted: 'watch.notPublished' };

export default function WatchPage({ resource }: { resource: string }) {
  const { t } = useTranslation();
  const [momentS] = useState(() => momentOfAddress(window.location)); // the token is taken out of the address, and all with it
  const watched = useWatched(resource);
  switch (watched.status) {
    case 'loading':
      return <Loading text={t('watch.loading')} theme="board" />;
    case 'preparing':
      return (
        <MessagePage title={t('watch.preparing')} theme="board">
          <span className="spinner" aria-hidden="true" />
          <p role="status">{t('watch.preparingHint')}</p>
        </MessagePage>
      );
    case 'failed':
    case 'erased':
      return (
        <MessagePage title={t('watch.replay')} theme="board">
          <p role="alert">{t(`watch.${watched.status}`)}</p>
        </MessagePage>
      );
    case 'refused':
      return (
        <MessagePage title={t('refused.title')} theme="board">
          <p role="alert">
            {t(EXPLAINED[watched.code] ?? [`error.${watched.code}`, 'error.internal_error'])}
          </p>
          <button type="button" className="button button--primary" onClick={() => window.location.reload()}>
            {t('common.tryAgain')}
          </button>
        </MessagePage>
      );
    case 'ready':
      return (
        <div className="watch" data-theme="board">
          <header className="watch__head">
            <Mark size={32} />
            <h1>{watched.replay.title}</h1>
            <span className="chip">{t('watch.replay')}</span>
            <span className="top-bar__gap" />
            <LanguageSwitch />
          </header>
          <main className="watch__main">
            <Player watched={watched} momentS={momentS} />
          </main>
        </div>
      );
  }
}
