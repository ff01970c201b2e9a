import type { FormEvent } from 'react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../protocol/errors';
import type { Resource } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { tokenStore } from '../pages/token-store';
import { clockText } from './clock';
import { Icon } from './icons';
import { isPlayable } from './use-replay';

export function ReplayList({ lesson, credential }: { lesson: string; credential: string }) {
  const { t } = useTranslation();
  const [resources, setResources] = useState<Resource[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  useEffect(() => {
    rest.resources(lesson, credential, reason).then(
      (found) => {
        if (reason !== '') for (const { id } of found) tokenStore.keepReason(id, reason);
        setResources(found);
        setFault(null);
      },
      (error: unknown) => setFault(codeOf(error)),
    );
  }, [lesson, credential, reason]);
  if (fault === 'reason_required') return <ReasonForm action={t('schedule.replays')} onGiven={setReason} />;
  if (fault !== null) {
    return (
      <p className="fault" role="alert">
        {t([`error.${fault}`, 'error.internal_error'])}
      </p>
    );
  }
  if (resources === null) return <p role="status">{t('common.loading')}</p>;
  if (resources.length === 0) return <p className="soft">{t('schedule.noReplays')}</p>;
  return (
    <ul className="replays">
      {resources.map((resource) => (
        <li key={resource.id}>
          <strong>{t(`schedule.kind.${resource.kind}`)}</strong>
          <span className="soft">
            {t(`schedule.state.${resource.state}`)}
            {resource.duration_ms !== null && ` · ${clockText(resource.duration_ms)}`}
          </span>
          {isPlayable(resource) && (
            <a className="button button--small" href={`/watch/${resource.id}`} aria-label={t('schedule.openReplay', { kind: t(`schedule.kind.${resource.kind}`) })}>
              <Icon name="play" size={20} />
              {t('watch.play')}
            </a>
          )}
          {resource.kind === 'teacher' && resource.state === 'ready' && (
            <a className="button button--small" href={`/review/${resource.id}`}>
              <Icon name="edit" size={20} />
              {t('review.open')}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Recordings are looked at for a reason, which the audit keeps. */
export function ReasonForm({ action, onGiven }: { action: string; onGiven: (reason: string) => void }) {
  const { t } = useTranslation();
  function give(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
    if (reason !== '') onGiven(reason);
  }
  return (
    <form className="reason" onSubmit={give}>
      <label className="field">
        <span>{t('error.reason_required')}</span>
        <input name="reason" required maxLength={200} data-testid="reason" />
      </label>
      <button type="submit" className="button">
        {action}
      </button>
    </form>
  );
}
