/** Review of a replay: what is cut, how it is called, who is in it, and whether pupils see it. */
import { useEffect, useReducer, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Fault } from '../components/fault';
import { Icon, Mark } from '../components/icons';
import { LanguageSwitch } from '../components/language-switch';
import { Loading } from '../components/loading';
import { MessagePage } from '../components/message-page';
import { ReasonForm } from '../components/replay-list';
import { codeOf } from '../protocol/errors';
import type { Details, Edit, Version } from '../protocol/versions';
import { versions } from '../protocol/versions';
import { DetailsForm, tidy } from '../review/details-form';
import type { Change, History } from '../review/edit';
import { changeHistory } from '../review/edit';
import { Editor } from '../review/editor';
import { SourceList } from '../review/source-list';
import type { Reviewed } from '../review/use-review';
import { useReview } from '../review/use-review';
import { VersionPanel } from '../review/version-panel';
import { tokenStore } from './token-store';

export default function ReviewPage({ resource }: { resource: string }) {
  const { t } = useTranslation();
  const review = useReview(resource);
  const { value, fault, reload } = review;
  if (value !== null) return <Reviewing reviewed={value} fault={fault} reload={reload} />;
  if (fault === null) return <Loading text={t('review.loading')} />;
  return (
    <MessagePage title={t('review.title')}>
      {fault === 'reason_required' ? (
        <ReasonForm
          action={t('review.open')}
          onGiven={(reason) => {
            tokenStore.keepReason(resource, reason);
            reload();
          }}
        />
      ) : (
        <>
          <p role="alert">{fault === 'token_missing' ? t('watch.needToken') : t([`error.${fault}`, 'error.internal_error'])}</p>
          <button type="button" className="button button--primary" onClick={reload}>
            {t('common.tryAgain')}
          </button>
        </>
      )}
    </MessagePage>
  );
}

const NO_EDIT: Edit = { kept: [], without: [], chapters: null };

function firstDetails(reviewed: Reviewed): Details {
  const empty = { description: '', subject: '', grade: '', edition: '', syllabus_node: '', language: '', creators: [], keywords: [], licence: '', is_downloadable: false };
  return reviewed.newest?.details ?? { title: reviewed.main.title, ...empty };
}

function Reviewing({ reviewed, fault, reload }: { reviewed: Reviewed; fault: string | null; reload: () => void }) {
  const { t } = useTranslation();
  const { newest, token, main } = reviewed;
  const base = newest?.edit ?? NO_EDIT;
  const [history, change] = useReducer(changeHistory<Edit> as (history: History<Edit>, change: Change<Edit>) => History<Edit>, { past: [], present: base, future: [] });
  const [details, setDetails] = useState(() => firstDetails(reviewed));
  const [kept, setKept] = useState({ of: newest?.id ?? '', edit: base, details });
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const isDirty = JSON.stringify([history.present, tidy(details)]) !== JSON.stringify([kept.edit, tidy(kept.details)]);

  // A version that somebody else began while nothing was changed here is what is edited from now on.
  if (newest !== null && newest.id !== kept.of && !isDirty) {
    setKept({ of: newest.id, edit: newest.edit, details: newest.details });
    setDetails(newest.details);
    change({ type: 'begin', with: newest.edit });
  }
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isDirty]);

  const act = (work: () => Promise<unknown>): void => {
    setBusy(true);
    setWrong(null);
    work()
      .catch((error: unknown) => setWrong(codeOf(error)))
      .finally(() => {
        setBusy(false);
        reload();
      });
  };
  /** The draft with what is on the page; a new one where the newest is none. */
  const save = async (): Promise<string> => {
    const isDraft = newest?.state === 'draft';
    if (isDraft && !isDirty) return newest.id;
    const draft = isDraft ? null : await versions.propose(main.lesson, token);
    const id = draft?.body.id ?? newest?.id ?? '';
    const etag = draft?.etag ?? (await versions.etag(id, token, reviewed.reason));
    const saved = await versions.change(id, token, etag, history.present, tidy(details));
    setKept({ of: id, edit: saved.body.edit, details: saved.body.details });
    setDetails(saved.body.details);
    change({ type: 'begin', with: saved.body.edit });
    return id;
  };
  const actions = {
    save: () => act(save),
    make: () => act(async () => versions.make(newest?.state === 'failed' && !isDirty ? newest.id : await save(), token)),
    publish: (version: Version) => act(() => versions.publish(version.id, token)),
    withdraw: (version: Version, reason: string) => act(() => versions.withdraw(version.id, token, reason)),
    pack: (version: Version) => act(() => versions.pack(version.id, token)),
  };
  const set = (to: Edit): void => change({ type: 'set', to });
  return (
    <div className="schedule review-page">
      <header className="schedule__head">
        <Mark size={38} />
        <strong>{t('review.title')}</strong>
        <span className="top-bar__gap" />
        <LanguageSwitch />
        <a className="button button--quiet" href={`/watch/${main.id}`}>
          <Icon name="play" size={20} />
          {t('watch.replay')}
        </a>
      </header>
      <main className="review">
        <h1>{details.title}</h1>
        <Fault code={wrong ?? fault} />
        {reviewed.lengthMs === 0 ? (
          <div className="empty">
            <strong>{t('review.nothing')}</strong>
            <p>{t('review.nothingHint')}</p>
          </div>
        ) : (
          <div className="review__columns">
            <Editor reviewed={reviewed} history={history} isLocked={isBusy} onChange={change} />
            <div className="review__side">
              <VersionPanel newest={newest} all={reviewed.versions} rights={reviewed.rights} isDirty={isDirty} isBusy={isBusy} actions={actions} />
              <SourceList sources={reviewed.sources} without={history.present.without} isLocked={isBusy} onChange={(without) => set({ ...history.present, without })} />
              <DetailsForm details={details} isLocked={isBusy} onChange={setDetails} />
            </div>
          </div>
        )}
      </main>
    </div>
  );
}
