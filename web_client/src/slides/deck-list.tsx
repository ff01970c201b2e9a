/** The lesson's decks as their server knows them: those that are drawn, those that failed, and a place for another. */
import { useCallback, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Fault } from '../components/fault';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { backoffDelay, DECK_RETRY } from '../connection/backoff';
import { restToken } from '../pages/rest-token';
import type { StoredDeck } from '../protocol/decks';
import { decksOf, deleteDeck, MAX_PDF_BYTES, uploadDeck } from '../protocol/decks';
import { codeOf } from '../protocol/errors';

const POLL_MS = 700;

type Upload = { status: 'none' } | { status: 'sending'; name: string; ratio: number } | { status: 'failed'; code: string };

interface Decks {
  decks: readonly StoredDeck[] | null;
  /** Why the list is not here, or not newer. */
  fault: string | null;
  refresh: () => void;
}

/** The list anew whenever the room's decks change, while one is being drawn, and, with growing pauses, while it fails. */
function useDecks(lesson: string): Decks {
  const { room } = useRoom();
  const [decks, setDecks] = useState<readonly StoredDeck[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const known = room.board.decks;
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (attempt: number): Promise<void> => {
      try {
        const found = await decksOf(lesson, await restToken(lesson));
        if (isGone) return;
        setDecks(found);
        setFault(null);
        if (found.some((deck) => deck.state === 'processing')) timer = setTimeout(() => void ask(0), POLL_MS);
      } catch (error) {
        if (isGone) return;
        setFault(codeOf(error));
        timer = setTimeout(() => void ask(attempt + 1), backoffDelay(DECK_RETRY, attempt, Math.random()));
      }
    };
    void ask(0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [lesson, known, round]);
  return { decks, fault, refresh: useCallback(() => setRound((before) => before + 1), []) };
}

export function DeckList() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const lesson = session.joined.lesson.id;
  const { decks, fault, refresh } = useDecks(lesson);
  const [upload, setUpload] = useState<Upload>({ status: 'none' });
  const send = async (pdf: File): Promise<void> => {
    if (pdf.size > MAX_PDF_BYTES) {
      setUpload({ status: 'failed', code: 'message_too_large' });
      return;
    }
    setUpload({ status: 'sending', name: pdf.name, ratio: 0 });
    try {
      await uploadDeck(lesson, await restToken(lesson), pdf, (ratio) => setUpload({ status: 'sending', name: pdf.name, ratio }));
      setUpload({ status: 'none' });
    } catch (error) {
      setUpload({ status: 'failed', code: codeOf(error) });
    }
    refresh();
  };
  return (
    <div className="deck-list">
      <header className="deck-list__head">
        <h2 className="section-title">
          <Icon name="slides" />
          {t('slides.title')}
        </h2>
        <UploadButton isBusy={upload.status === 'sending'} onFile={(pdf) => void send(pdf)} />
      </header>
      <UploadState upload={upload} />
      <Fault code={fault} />
      {decks !== null && decks.length === 0 && upload.status !== 'sending' && <p className="soft">{t('slides.none')}</p>}
      <ul className="deck-list__decks">
        {decks?.map((deck) => <DeckRow key={deck.id} deck={deck} onDeleted={refresh} />)}
      </ul>
    </div>
  );
}

function UploadButton({ isBusy, onFile }: { isBusy: boolean; onFile: (pdf: File) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <span className="file-button">
      <input
        id={id}
        type="file"
        accept="application/pdf,.pdf"
        className="visually-hidden"
        disabled={isBusy}
        data-testid="deck-file"
        onChange={(event) => {
          const pdf = event.target.files?.[0];
          event.target.value = '';
          if (pdf !== undefined) onFile(pdf);
        }}
      />
      <label htmlFor={id} className="button button--small" data-disabled={isBusy}>
        <Icon name="plus" size={20} />
        {t('slides.upload')}
      </label>
    </span>
  );
}

function UploadState({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  if (upload.status === 'failed') {
    return (
      <p className="fault" role="alert">
        {t('slides.uploadFailed')} {t([`slides.fault.${upload.code}`, `error.${upload.code}`, 'error.internal_error'])}
      </p>
    );
  }
  if (upload.status === 'none') return null;
  const text = t('slides.sending', { name: upload.name });
  return (
    <div className="deck-list__progress">
      <span>{text}</span>
      <progress value={upload.ratio} max={1} aria-label={text} data-testid="upload-progress" />
    </div>
  );
}

function DeckRow({ deck, onDeleted }: { deck: StoredDeck; onDeleted: () => void }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [isAsked, setIsAsked] = useState(false);
  const [isFailed, setIsFailed] = useState(false);
  const lesson = session.joined.lesson.id;
  const title = deck.title || t('slides.untitled');
  const isShown = room.board.slide?.deck === deck.id;
  const isKnown = room.board.decks.some((one) => one.id === deck.id);
  const remove = async (): Promise<void> => {
    setIsAsked(false);
    try {
      await deleteDeck(lesson, await restToken(lesson), deck.id);
    } catch {
      setIsFailed(true);
    }
    onDeleted();
  };
  return (
    <li className="deck" data-testid="deck" data-state={deck.state}>
      {deck.pages[0] === undefined ? (
        <span className="deck__cover">
          <Icon name="slides" />
        </span>
      ) : (
        <img className="deck__cover" src={deck.pages[0].thumbnail_url} alt="" />
      )}
      <span className="deck__name">
        <strong>{title}</strong>
        <DeckState deck={deck} />
        {isFailed && (
          <small className="deck__fault" role="alert">
            {t('slides.deleteFailed')}
          </small>
        )}
      </span>
      {deck.state === 'ready' && (
        <button
          type="button"
          className={isShown ? 'button button--small' : 'button button--small button--primary'}
          disabled={isShown || !isKnown}
          data-testid="show-deck"
          onClick={() => void session.act({ type: 'slide', deck: deck.id, page: 1 })}
        >
          {t(isShown ? 'slides.isShown' : 'slides.show')}
        </button>
      )}
      {isAsked ? (
        <button type="button" className="button button--small button--danger" onClick={() => void remove()} data-testid="delete-deck-sure">
          {t('slides.deleteSure')}
        </button>
      ) : (
        <button type="button" className="button button--small button--icon" aria-label={t('slides.delete', { title })} title={t('slides.delete', { title })} onClick={() => setIsAsked(true)}>
          <Icon name="close" size={20} />
        </button>
      )}
    </li>
  );
}

function DeckState({ deck }: { deck: StoredDeck }) {
  const { t } = useTranslation();
  if (deck.state === 'ready') return <small>{t('slides.count', { count: deck.page_count ?? 0 })}</small>;
  if (deck.state === 'failed') {
    return (
      <small className="deck__fault">
        <Icon name="warning" size={16} /> {t([`error.${deck.reason ?? ''}`, 'error.internal_error'])}
      </small>
    );
  }
  const of = deck.page_count ?? 0;
  const text = of === 0 ? t('slides.drawingSoon') : t('slides.drawing', { done: deck.pages_done, of });
  return (
    <>
      <small>{text}</small>
      <progress value={deck.pages_done} max={Math.max(1, of)} aria-label={text} />
    </>
  );
}
