/** One of a lesson's captions: its texts and times, undone and redone, saved, approved, exported, deleted. */
import type { RefObject } from 'react';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLoadedBy } from '../administration/use-loaded';
import { Fault, TryAgain } from '../components/fault';
import { Icon } from '../components/icons';
import type { Cue, EditableCaptions } from '../protocol/captions';
import { captions } from '../protocol/captions';
import { codeOf } from '../protocol/errors';
import type { Answer } from '../protocol/http';
import type { Change, History } from '../review/edit';
import { changeHistory } from '../review/edit';
import { ConfirmDialog } from '../review/dialogs';
import { CueRow } from './cue-row';
import { added, changed, flawsOf, merge, shownAt, split, without } from './cues';

interface Props {
  id: string;
  token: string;
  reason: string;
  positionMs: number;
  onSeek: (positionMs: number) => void;
  onUnsaved: (isUnsaved: boolean) => void;
  /** Saved, approved or deleted: the list of captions is another now. */
  onChanged: () => void;
}

export function CueEditor({ id, token, reason, ...rest }: Props) {
  const { t } = useTranslation();
  const [reads, setReads] = useState(0);
  const read = useLoadedBy(
    useCallback(() => captions.read(token, id, reason), [token, id, reason]),
    codeOf,
  );
  if (read.fault !== null)
    return (
      <Fault code={read.fault}>
        <TryAgain onClick={read.reload} />
      </Fault>
    );
  if (read.value === null) return <p role="status">{t('common.loading')}</p>;
  return (
    <Editor
      key={`${read.value.etag} ${reads}`}
      read={read.value}
      token={token}
      reason={reason}
      {...rest}
      onReadAgain={() => {
        setReads((before) => before + 1);
        read.reload();
      }}
    />
  );
}

interface EditorProps extends Pick<Props, 'token' | 'reason' | 'positionMs' | 'onSeek' | 'onUnsaved' | 'onChanged'> {
  read: Answer<EditableCaptions>;
  onReadAgain: () => void;
}

function Editor({ read, token, reason, positionMs, onSeek, onUnsaved, onChanged, onReadAgain }: EditorProps) {
  const { t } = useTranslation();
  const [stored, setStored] = useState(read);
  const [history, change] = useReducer<History<readonly Cue[]>, [Change<readonly Cue[]>]>(changeHistory, { past: [], present: read.body.cues, future: [] });
  const [state, setState] = useState<'kept' | 'saving' | 'saved' | 'approved'>('kept');
  const [fault, setFault] = useState<string | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const cues = history.present;
  const flaws = useMemo(() => flawsOf(cues), [cues]);
  const isUnsaved = cues !== stored.body.cues;
  const isBusy = state === 'saving';
  const shown = shownAt(cues, positionMs);

  useEffect(() => {
    onUnsaved(isUnsaved);
    return () => onUnsaved(false);
  }, [isUnsaved, onUnsaved]);
  useEffect(() => {
    const rows = list.current;
    const row = rows?.children[shown];
    // Who types in another caption is not carried away from it.
    if (rows === null || !(row instanceof HTMLElement) || rows.contains(document.activeElement)) return;
    rows.scrollTo({ top: row.offsetTop - rows.clientHeight / 3 });
  }, [shown]);

  function edit(next: readonly Cue[]): void {
    change({ type: 'set', to: next });
    setState('kept');
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    setState('saving');
    setFault(null);
    try {
      await work();
    } catch (error) {
      setFault(codeOf(error));
      setState('kept');
    }
  }

  const save = (isDraft: boolean): Promise<void> =>
    attempt(async () => {
      const answer = await captions.replace(token, stored.body, cues, isDraft, stored.etag);
      setStored(answer);
      change({ type: 'begin', with: answer.body.cues });
      setState(stored.body.is_draft && !isDraft ? 'approved' : 'saved');
      onChanged();
    });
  const remove = (): Promise<void> =>
    attempt(async () => {
      await captions.remove(token, stored.body.id, stored.etag);
      onChanged();
    });

  async function download(): Promise<void> {
    try {
      const address = URL.createObjectURL(await captions.file(token, stored.body.id, reason));
      const link = Object.assign(document.createElement('a'), { href: address, download: `captions-${stored.body.language}.vtt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      setFault(codeOf(error));
    }
  }

  function add(): void {
    const { cues: next, at } = added(cues, Math.round(positionMs));
    edit(next);
    requestAnimationFrame(() => list.current?.children[at]?.querySelector('textarea')?.focus());
  }

  const saveByKey = useRef(() => undefined as undefined | Promise<void>);
  useEffect(() => {
    saveByKey.current = () => (isUnsaved && flaws.size === 0 && !isBusy ? save(stored.body.is_draft) : undefined);
  });
  useSaveKey(saveByKey);

  const said = state === 'saved' || state === 'approved' ? t(`captions.${state}`) : isUnsaved ? t('captions.unsaved') : '';
  return (
    <div className="caption-editor__body">
      {stored.body.is_draft && <DraftNote isLocked={flaws.size > 0 || isBusy || cues.length === 0} onApprove={() => void save(false)} />}
      <div className="caption-editor__actions" role="toolbar" aria-label={t('captions.tools')}>
        <button type="button" className="button button--primary" disabled={!isUnsaved || flaws.size > 0 || isBusy} aria-keyshortcuts="Control+S" onClick={() => void save(stored.body.is_draft)} data-testid="captions-save">
          {t(stored.body.is_draft ? 'captions.saveDraft' : 'captions.save')}
        </button>
        <button type="button" className="button" disabled={history.past.length === 0 || isBusy} onClick={() => change({ type: 'undo' })}>
          {t('review.undo')}
        </button>
        <button type="button" className="button" disabled={history.future.length === 0 || isBusy} onClick={() => change({ type: 'redo' })}>
          {t('review.redo')}
        </button>
        <button type="button" className="button" data-testid="captions-add" onClick={add}>
          <Icon name="plus" size={20} />
          {t('captions.add')}
        </button>
        <button type="button" className="button" disabled={isUnsaved} onClick={() => void download()}>
          <Icon name="download" size={20} />
          {t('captions.download')}
        </button>
        <button type="button" className="button button--danger" disabled={isBusy} data-testid="captions-delete" onClick={() => setDeleting(true)}>
          {t('captions.remove')}
        </button>
      </div>
      <p role="status" className="soft caption-editor__status">
        {t('captions.count', { count: cues.length })} {said} {flaws.size > 0 && <strong>{t('captions.flaws', { count: flaws.size })}</strong>}
      </p>
      <Fault code={fault}>
        {fault === 'precondition_failed' && (
          <button type="button" className="button button--small" onClick={onReadAgain}>
            {t('captions.readAgain')}
          </button>
        )}
      </Fault>
      <ol className="caption-editor__list" ref={list}>
        {cues.map((cue, at) => (
          <CueRow
            key={at}
            number={at + 1}
            cue={cue}
            flaw={flaws.get(at) ?? null}
            isShown={at === shown}
            isLast={at === cues.length - 1}
            onChange={(part) => edit(changed(cues, at, part))}
            onSplit={(offset) => edit(split(cues, at, offset))}
            onMerge={() => edit(merge(cues, at))}
            onDelete={() => edit(without(cues, at))}
            onSeek={() => onSeek(cue.begin_ms)}
          />
        ))}
      </ol>
      {isDeleting && <DeleteDialog count={cues.length} onClose={() => setDeleting(false)} onConfirm={() => void remove()} />}
    </div>
  );
}

/** Ctrl+S, also while one types. */
function useSaveKey(save: RefObject<() => unknown>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      save.current();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [save]);
}

function DraftNote({ isLocked, onApprove }: { isLocked: boolean; onApprove: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="caption-editor__draft" role="note" data-testid="captions-draft">
      <Icon name="warning" />
      <p>
        <strong>{t('captions.draftTitle')}</strong> {t('captions.draftBody')}
      </p>
      <button type="button" className="button button--lamp" disabled={isLocked} data-testid="captions-approve" onClick={onApprove}>
        <Icon name="check" size={20} />
        {t('captions.approve')}
      </button>
    </div>
  );
}

function DeleteDialog({ count, onClose, onConfirm }: { count: number; onClose: () => void; onConfirm: () => void }) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      title={t('captions.removeTitle')}
      body={t('captions.removeBody', { count })}
      action={t('captions.delete')}
      onClose={onClose}
      onConfirm={() => {
        onClose();
        onConfirm();
      }}
    />
  );
}
