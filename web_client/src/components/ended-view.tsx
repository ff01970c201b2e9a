import { useTranslation } from 'react-i18next';
import { REPLAY_POLL, RELEASE_POLL } from '../connection/backoff';
import { MessagePage } from './message-page';
import { clockText } from './clock';
import { Icon } from './icons';
import { useReplay } from './use-replay';

interface EndedViewProps {
  lesson: string;
  /** The master sees the replay at once, the others when it is released. */
  isMaster: boolean;
  title?: string;
  policy?: string | null;
}

/** After the lesson: thanks, and the replay as soon as there is one for this person. */
export function EndedView({ lesson, isMaster, title, policy }: EndedViewProps) {
  const { t } = useTranslation();
  const replay = useReplay(lesson, policy !== 'off', isMaster ? REPLAY_POLL : RELEASE_POLL);
  const waitsForRelease = !isMaster && replay.status === 'waiting';
  return (
    <MessagePage title={t('ended.title')} theme="board">
      {title !== undefined && <p className="ended__lesson">{title}</p>}
      <p>{t('ended.thanks')}</p>
      <div aria-live="polite" className="ended__replay">
        {policy === 'off' && <p>{t('ended.none')}</p>}
        {replay.status === 'failed' && <p role="alert">{t('ended.failed')}</p>}
        {replay.status === 'waiting' && (
          <p className="ended__preparing">
            {!waitsForRelease && <span className="spinner" aria-hidden="true" />}
            {t(waitsForRelease ? 'ended.later' : 'ended.preparing')}
          </p>
        )}
        {replay.status === 'ready' && (
          <>
            <a className="button button--lamp button--large" data-testid="replay-link" href={replay.href}>
              <Icon name="play" size={28} />
              {t('ended.ready')}
            </a>
            <p>
              {t('ended.readyHint')}
              {replay.durationMs !== null && ` ${t('ended.duration', { time: clockText(replay.durationMs) })}`}
            </p>
          </>
        )}
      </div>
      {isMaster && (
        <a className="button" href={`/reports/${lesson}`}>
          <Icon name="chart" />
          {t('report.title')}
        </a>
      )}
    </MessagePage>
  );
}
