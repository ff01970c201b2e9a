/** The replay of a lesson. */
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../components/language-switch';
import { Loading } from '../components/loading';
import { MessagePage } from '../components/message-page';
import { Mark } from '../components/icons';
import type { Resource } from '../protocol/rest';
import { Player } from '../watch/player';
import { useReplayResource } from '../watch/use-replay-resource';
import { useTimeline } from '../watch/use-timeline';

export default function WatchPage({ resource }: { resource: string }) {
  const { t } = useTranslation();
  const replay = useReplayResource(resource);
  switch (replay.status) {
    case 'loading':
      return <Loading text={t('watch.loading')} />;
    case 'preparing':
      return (
        <MessagePage title={t('watch.preparing')} theme="board">
          <span className="spinner" aria-hidden="true" />
          <p role="status">{t('watch.preparingHint')}</p>
        </MessagePage>
      );
    case 'failed':
      return (
        <MessagePage title={t('watch.replay')} theme="board">
          <p role="alert">{t('watch.failed')}</p>
        </MessagePage>
      );
    case 'refused':
      return (
        <MessagePage title={t('refused.title')} theme="board">
          <p role="alert">
            {replay.code === 'token_missing' ? t('watch.needToken') : t([`error.${replay.code}`, 'error.internal_error'])}
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
            <h1>{replay.main.title}</h1>
            <span className="chip">{t('watch.replay')}</span>
            <span className="top-bar__gap" />
            <LanguageSwitch />
          </header>
          <main className="watch__main">
            <Replay main={replay.main} screen={replay.screen} />
            <p className="watch__keys">{t('watch.keys')}</p>
          </main>
        </div>
      );
  }
}

function Replay({ main, screen }: { main: Resource; screen: Resource | null }) {
  return <Player main={main} screen={screen} timeline={useTimeline(main.id)} />;
}
