/** Search over all that one may read. A combobox: the arrows move, Enter opens, Escape closes; "/" comes here. */
import type { KeyboardEvent as ReactKeyboardEvent } from 'react';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import { addressOfFound, groupFound } from '../administration/found';
import type { Found } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Icon } from './icons';
import { isTyping } from './typing';

const PAUSE_MS = 250;

interface Results {
  words: string;
  found: Found[];
  fault: string | null;
}

function useResults(words: string): Results | null {
  const caller = useCaller();
  const [results, setResults] = useState<Results | null>(null);
  useEffect(() => {
    if (words === '') return;
    let isGone = false;
    const timer = setTimeout(() => {
      planning.search(caller.credential, words).then(
        (found) => {
          if (!isGone) setResults({ words, found: groupFound(found).flatMap((group) => group.found), fault: null });
        },
        (error: unknown) => {
          if (!isGone) setResults({ words, found: [], fault: faultOf(error, caller) });
        },
      );
    }, PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [words, caller]);
  return words !== '' && results?.words === words ? results : null;
}

export function SearchBox() {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [text, setText] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const words = text.trim();
  const results = useResults(words);
  const shown = isOpen ? results : null;

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event)) return;
      event.preventDefault();
      input.current?.focus();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  function onKeyDown(event: ReactKeyboardEvent): void {
    const count = shown?.found.length ?? 0;
    if (event.key === 'Escape') {
      setIsOpen(false);
    } else if (count > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setChosen((before) => (event.key === 'ArrowDown' ? (before + 1) % count : (before <= 0 ? count : before) - 1));
    } else if (event.key === 'Enter') {
      const one = shown?.found[Math.max(chosen, 0)];
      if (one !== undefined) window.location.assign(addressOfFound(one));
    }
  }

  return (
    <div
      className="search"
      role="search"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setIsOpen(false);
      }}
    >
      <Icon name="search" size={20} />
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label={t('search.label')}
        aria-expanded={shown !== null}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown !== null && chosen >= 0 ? `${listId}-${chosen}` : undefined}
        placeholder={t('search.placeholder')}
        autoComplete="off"
        maxLength={80}
        value={text}
        data-testid="search"
        onChange={(event) => {
          setText(event.target.value);
          setChosen(-1);
          setIsOpen(true);
        }}
        onFocus={() => setIsOpen(true)}
        onKeyDown={onKeyDown}
      />
      <div className="search__results card" hidden={shown === null}>
        <div role="listbox" id={listId} aria-label={t('search.results')}>
          {shown?.found.map((one, index) => (
            <Result key={one.record_id} one={one} before={shown.found[index - 1]?.kind} id={`${listId}-${index}`} isChosen={index === chosen} />
          ))}
        </div>
        {shown !== null && shown.found.length === 0 && (
          <p role="status" className="soft">
            {shown.fault === null ? t('search.none', { words }) : t([`error.${shown.fault}`, 'error.internal_error'])}
          </p>
        )}
      </div>
    </div>
  );
}

interface ResultProps {
  one: Found;
  /** The kind of the result above: a new kind begins with its name. */
  before: string | undefined;
  id: string;
  isChosen: boolean;
}

function Result({ one, before, id, isChosen }: ResultProps) {
  const { t } = useTranslation();
  const kind = t(`school.kind.${one.kind}`);
  return (
    <a id={id} role="option" aria-selected={isChosen} className="search__result" tabIndex={-1} href={addressOfFound(one)} data-testid="search-result">
      <small aria-hidden={one.kind === before}>{one.kind === before ? '' : kind}</small>
      <span>{one.text}</span>
    </a>
  );
}
