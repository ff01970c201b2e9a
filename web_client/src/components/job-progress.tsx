import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Job } from '../protocol/jobs';
import { Fault, TryAgain } from './fault';
import { Icon } from './icons';
import { Loading } from './loading';
import { useJob } from './use-job';

interface Properties {
  id: string;
  token: string;
  /** Whether the reader may cancel it and begin it again. */
  mayChange: boolean;
  onOver?: (job: Job) => void;
}

/** How far a job is, in words and as a bar, until it is over. */
export function JobProgress({ id, token, mayChange, onOver }: Properties) {
  const { job, fault, change } = useJob(id, token);
  useEffect(() => {
    if (job?.state === 'done') onOver?.(job);
  }, [job, onOver]);
  if (job === null) return fault === null ? <Loading /> : <Fault code={fault} />;
  return (
    <section className="job" data-state={job.state}>
      <JobWords job={job} />
      {job.state === 'running' || job.state === 'pending' ? <JobBar job={job} /> : null}
      <Fault code={fault} />
      {mayChange ? <JobButtons job={job} change={change} /> : null}
    </section>
  );
}

function JobWords({ job }: { job: Job }) {
  const { t } = useTranslation();
  const isEnding = job.is_cancelled && (job.state === 'running' || job.state === 'pending');
  return (
    <p className="job__words" role="status">
      {job.state === 'done' ? <Icon name="check" size={20} /> : null}
      {job.state === 'failed' ? <Icon name="warning" size={20} /> : null}
      <strong>{t([`job.kind.${job.kind}`, 'job.kind.other'])}</strong>
      <span>{isEnding ? t('job.cancelling') : stateWords(job, t)}</span>
    </p>
  );
}

function stateWords(job: Job, t: (keys: string | string[]) => string): string {
  if (job.state === 'running') return t([`job.step.${job.step}`, 'job.state.running']);
  if (job.state === 'pending' && job.error !== null) return t('job.again');
  if (job.state === 'failed') return t([`job.reason.${job.error ?? ''}`, 'job.state.failed']);
  return t(`job.state.${job.state}`);
}

function JobBar({ job }: { job: Job }) {
  const { t } = useTranslation();
  const percent = Math.floor(job.progress * 100);
  return (
    <div className="job__bar">
      {/* Without a value a bar runs to and fro, which says what waiting is. */}
      <progress aria-label={t('job.progress')} max={1} {...(job.state === 'running' ? { value: job.progress } : {})} />
      <span className="job__percent">{job.state === 'running' ? t('job.percent', { percent }) : ''}</span>
    </div>
  );
}

function JobButtons({ job, change }: { job: Job; change: (what: 'cancel' | 'retry') => void }) {
  const { t } = useTranslation();
  if (job.state === 'done') return null;
  if (job.state === 'failed' || job.state === 'cancelled') {
    return <TryAgain onClick={() => change('retry')} />;
  }
  return (
    <button type="button" className="button button--small" disabled={job.is_cancelled} onClick={() => change('cancel')}>
      {t('job.cancel')}
    </button>
  );
}
