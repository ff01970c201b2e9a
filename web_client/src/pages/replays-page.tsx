/** Replays: looked for by what was said and shown in them; each hit opens the player at its moment. */
import type { FormEvent } from 'react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import { useLoaded } from '../administration/use-loaded';
import { Fault, TryAgain } from '../components/fault';
import { Icon } from '../components/icons';
import { SignedInPage } from '../components/signed-in-page';
import type { Answer } from '../protocol/http';
import type { FoundReplay } from '../protocol/replay-search';
import { findReplays } from '../protocol/replay-search';
import { FoundLesson } from '../replays/found-lesson';
import type { Query } from '../replays/query';
import { queryOfAddress, searchOfQuery } from '../replays/query';

export default function ReplaysPage() {
  return (
    <SignedInPage page="replays">
      <Replays />
    </SignedInPage>
  );
}

function Replays() {
  const { t } = useTranslation();
  const [query, setQuery] = useState(() => queryOfAddress(window.location.search));
  useEffect(() => {
    const back = (): void => setQuery(queryOfAddress(window.location.search));
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, []);
  function look(wanted: Query): void {
    setQuery(wanted);
    if (searchOfQuery(wanted) !== searchOfQuery(query)) window.history.pushState(null, '', `/replays${searchOfQuery(wanted)}`);
  }
  return (
    <div className="replay-search">
      <header className="replay-search__head">
        <h1>{t('replays.title')}</h1>
        <p className="soft">{t('replays.hint')}</p>
      </header>
      <QueryForm key={searchOfQuery(query)} query={query} onQuery={look} />
      <Results query={query} />
    </div>
  );
}

function QueryForm({ query, onQuery }: { query: Query; onQuery: (query: Query) => void }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    onQuery({ words: text('q'), subject: text('subject'), grade: text('grade'), edition: text('edition') });
  }

  return (
    <form className="replay-search__form" role="search" aria-label={t('replays.title')} onSubmit={submit}>
      <label className="field replay-search__words">
        <span>{t('replays.words')}</span>
        <input ref={field} type="search" name="q" maxLength={80} defaultValue={query.words} autoComplete="off" data-testid="replay-words" />
      </label>
      {(['subject', 'grade', 'edition'] as const).map((name) => (
        <label className="field" key={name}>
          <span>{t(`replays.${name}`)}</span>
          <input name={name} maxLength={80} defaultValue={query[name]} autoComplete="off" />
        </label>
      ))}
      <button type="submit" className="button button--primary">
        <Icon name="search" size={20} />
        {t('replays.search')}
      </button>
    </form>
  );
}

function Results({ query }: { query: Query }) {
  const { t } = useTranslation();
  const { credential } = useCaller();
  const path = `/replays${searchOfQuery(query)}`;
  const load = useCallback(() => findReplays(credential, path), [credential, path]);
  const { value: first, fault, reload } = useLoaded(load);
  if (fault !== null) {
    return (
      <Fault code={fault}>
        <TryAgain onClick={reload} />
      </Fault>
    );
  }
  if (first === null) {
    return (
      <div className="replay-search__waiting" aria-busy="true">
        <span className="spinner" aria-hidden="true" />
        <p role="status">{t('common.loading')}</p>
      </div>
    );
  }
  return <Pages key={path} first={first} query={query} />;
}

/** The first page, and those that are asked for. */
function Pages({ first, query }: { first: Answer<FoundReplay[]>; query: Query }) {
  const { t } = useTranslation();
  const caller = useCaller();
  const [more, setMore] = useState<{ found: FoundReplay[]; next: string | null }>({ found: [], next: first.next });
  const [isLoading, setIsLoading] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const found = [...first.body, ...more.found];

  async function loadMore(next: string): Promise<void> {
    setIsLoading(true);
    setFault(null);
    try {
      const answer = await findReplays(caller.credential, next);
      setMore((before) => ({ found: [...before.found, ...answer.body], next: answer.next }));
    } catch (error) {
      setFault(faultOf(error, caller));
    } finally {
      setIsLoading(false);
    }
  }

  if (found.length === 0 && more.next === null) {
    const isAnything = searchOfQuery(query) === '';
    return (
      <div className="empty" role="status" data-testid="no-replays">
        <strong>{t(isAnything ? 'replays.empty' : 'replays.none')}</strong>
        <p>{t(isAnything ? 'replays.emptyHint' : 'replays.noneHint')}</p>
      </div>
    );
  }
  return (
    <>
      <p role="status" className="soft replay-search__count">
        {t(query.words === '' ? 'replays.newest' : 'replays.found', { count: found.length, more: more.next === null ? '' : '+' })}
      </p>
      <ol className="replay-search__list">
        {found.map((one) => (
          <FoundLesson key={one.lesson} found={one} />
        ))}
      </ol>
      <Fault code={fault} />
      {more.next !== null && (
        <button type="button" className="button replay-search__more" disabled={isLoading} onClick={() => void loadMore(more.next ?? '')}>
          {t(isLoading ? 'common.loading' : 'replays.more')}
        </button>
      )}
    </>
  );
}
