import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import type { Making, Version, VersionDetail } from '../protocol/versions';
import { ConfirmDialog, ReasonDialog } from './dialogs';
import type { Rights } from './use-review';

export interface VersionActions {
  save: () => void;
  make: () => void;
  publish: (version: Version) => void;
  withdraw: (version: Version, reason: string) => void;
  pack: (version: Version) => void;
}

interface VersionPanelProps {
  newest: VersionDetail | null;
  all: readonly Version[];
  rights: Rights;
  isDirty: boolean;
  isBusy: boolean;
  actions: VersionActions;
}

const TONE = { draft: '', making: 'chip--warn', ready: 'chip--good', failed: 'chip--bad', published: 'chip--good', withdrawn: '' };

export function StateChip({ version }: { version: Version }) {
  const { t } = useTranslation();
  return (
    <span className={`chip ${TONE[version.state]}`} data-testid={`state-${version.number}`} data-state={version.state}>
      {t(`review.state.${version.state}`)}
    </span>
  );
}

/** How far the newest version is, and what may be done next. */
export function VersionPanel({ newest, all, rights, isDirty, isBusy, actions }: VersionPanelProps) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Version | null>(null);
  const [withdrawn, setWithdrawn] = useState<Version | null>(null);
  const mayMake = rights.publish && newest?.state !== 'making' && (isDirty || newest === null || newest.state === 'draft' || newest.state === 'failed');
  return (
    <section className="review__versions card" aria-labelledby="review-versions">
      <header>
        <h2 id="review-versions">{newest === null ? t('review.noVersion') : t('review.version', { number: newest.number })}</h2>
        {newest !== null && <StateChip version={newest} />}
      </header>
      {newest?.reason !== null && newest?.reason !== undefined && <p className="soft">{t([`error.${newest.reason}`, `job.reason.${newest.reason}`, `review.why.${newest.reason}`], { defaultValue: newest.reason })}</p>}
      {newest?.state === 'making' && <JobBar job={newest.job} label={t('review.making')} />}
      <div className="review__buttons">
        <button type="button" className="button" disabled={isBusy || !isDirty} data-testid="save" onClick={actions.save}>
          {t('review.save')}
        </button>
        <button type="button" className="button button--primary" disabled={isBusy || !mayMake} data-testid="make" onClick={actions.make}>
          {t('review.make')}
        </button>
        {newest?.state === 'ready' && rights.publish && (
          <button type="button" className="button button--lamp" disabled={isBusy || isDirty} data-testid="publish" onClick={() => setAsked(newest)}>
            <Icon name="check" size={20} />
            {t('review.publish')}
          </button>
        )}
      </div>
      {isDirty && <p className="soft" role="status">{t(newest?.state === 'draft' ? 'review.unsaved' : 'review.unsavedNew')}</p>}
      {newest !== null && <Downloads newest={newest} isBusy={isBusy} onPack={() => actions.pack(newest)} />}
      <h3>{t('review.history')}</h3>
      {all.length === 0 && <p className="soft">{t('review.noHistory')}</p>}
      <ul className="review__history">
        {all.map((one) => (
          <li key={one.id}>
            <strong>{t('review.number', { number: one.number })}</strong>
            <StateChip version={one} />
            <span className="soft">{one.duration_ms === null ? '' : clockText(one.duration_ms)}</span>
            {rights.withdraw && one.state !== 'withdrawn' && (
              <button type="button" className="button button--small button--danger" disabled={isBusy} aria-label={t('review.withdrawNumber', { number: one.number })} onClick={() => setWithdrawn(one)}>
                {t('review.withdraw')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <ConfirmDialog
          title={t('review.publishTitle', { number: asked.number })}
          body={t('review.publishBody')}
          action={t('review.publish')}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null);
            actions.publish(asked);
          }}
        />
      )}
      {withdrawn !== null && (
        <ReasonDialog
          title={t('review.withdrawTitle', { number: withdrawn.number })}
          body={t('review.withdrawBody')}
          action={t('review.withdraw')}
          onClose={() => setWithdrawn(null)}
          onGiven={(reason) => {
            setWithdrawn(null);
            actions.withdraw(withdrawn, reason);
          }}
        />
      )}
    </section>
  );
}

function JobBar({ job, label }: { job: Making | null; label: string }) {
  const { t } = useTranslation();
  const percent = Math.round((job?.progress ?? 0) * 100);
  return (
    <div className="review__job">
      <label>
        <span>
          {label} {percent} % {job !== null && job.step !== '' && <span className="soft">· {t([`review.step.${job.step}`, `job.step.${job.step}`], { defaultValue: job.step })}</span>}
        </span>
        <progress max={100} value={percent} />
      </label>
    </div>
  );
}

function Downloads({ newest, isBusy, onPack }: { newest: VersionDetail; isBusy: boolean; onPack: () => void }) {
  const { t } = useTranslation();
  const isMade = newest.state === 'ready' || newest.state === 'published';
  const packing = newest.package_job !== null && ['pending', 'running'].includes(newest.package_job.state);
  if (!isMade) return null;
  return (
    <>
      <h3>{t('review.downloads')}</h3>
      <ul className="review__downloads">
        {newest.downloads.map((one) => (
          <li key={one.name}>
            <a className="button button--small" href={one.url} download={one.name}>
              <Icon name="download" size={18} />
              {t(`review.download.${one.kind}`, { defaultValue: one.name })} · {(one.bytes / 1e6).toFixed(1)} MB
            </a>
          </li>
        ))}
      </ul>
      {packing && <JobBar job={newest.package_job} label={t('review.packing')} />}
      {newest.package_job?.state === 'failed' && (
        <p className="fault" role="alert">
          {t('review.packFailed')} {t([`job.reason.${newest.package_job.error ?? ''}`, 'job.state.failed'])}
        </p>
      )}
      {!packing && !newest.downloads.some((one) => one.kind === 'package') && (
        <button type="button" className="button button--small" disabled={isBusy} data-testid="pack" onClick={onPack}>
          {t('review.pack')}
        </button>
      )}
    </>
  );
}
