/**
 * The captions of a lesson: upload, correct, export. Mount it beside a player: `positionMs` is where that stands, and
 * `onSeek` moves it, both in ms of the lesson.
 */
import type { ChangeEvent } from 'react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLoadedBy } from '../administration/use-loaded';
import { Fault } from '../components/fault';
import type { Captions, Cue, EditableCaptions } from '../protocol/captions';
import { captions } from '../protocol/captions';
import type { Answer } from '../protocol/http';
import { RequestError, codeOf } from '../protocol/errors';
import { CueRow } from './cue-row';
import { added, changed, flawsOf, merge, shownAt, split, without } from './cues';

interface Props {
  lesson: string;
  token: string;
  positionMs: number;
  onSeek: (positionMs: number) => void;
}

export function CaptionEditor({ lesson, token, positionMs, onSeek }: Props) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useLoadedBy(
    useCallback(() => captions.list(token, lesson), [token, lesson]),
    codeOf,
  );
  const id = chosen ?? list.value?.[0]?.id ?? null;
  return (
    <section className="caption-editor" aria-label={t('captions.title')} data-testid="captions">
      <div className="caption-editor__head">
        <h2>{t('captions.title')}</h2>
        {list.value !== null && list.value.length > 0 && (
          <label className="field">
            <span>{t('captions.language')}</span>
            <select value={id ?? ''} onChange={(event) => setChosen(event.target.value)}>
              {list.value.map((one) => (
                <option key={one.id} value={one.id}>
                  {nameOf(one, t(`captions.origin.${one.origin}`))}
                </option>
              ))}
            </select>
          </label>
        )}
        <Upload
          lesson={lesson}
          token={token}
          onUploaded={(made) => {
            setChosen(made.id);
            list.reload();
          }}
        />
      </div>
      <Fault code={list.fault} />
      {list.value === null && list.fault === null && <p role="status">{t('common.loading')}</p>}
      {list.value?.length === 0 && (
        <div className="empty">
          <strong>{t('captions.empty')}</strong>
          <p>{t('captions.emptyHint')}</p>
        </div>
      )}
      {id !== null && <Loaded key={id} id={id} token={token} positionMs={positionMs} onSeek={onSeek} />}
    </section>
  );
}

function nameOf(one: Captions, origin: string): string {
  return [one.language, one.label, origin].filter((part) => part !== '').join(' · ');
}

function Upload({ lesson, token, onUploaded }: { lesson: string; token: string; onUploaded: (made: Captions) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [language, setLanguage] = useState('zh-CN');
  const [fault, setFault] = useState<{ code: string; line: number | null } | null>(null);

  async function upload(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (file === undefined) return;
    try {
      setFault(null);
      onUploaded(await captions.upload(token, lesson, language, file));
    } catch (error) {
      const line = error instanceof RequestError ? error.members['line'] : null;
      setFault({ code: codeOf(error), line: typeof line === 'number' ? line : null });
    }
  }

  return (
    <div className="caption-editor__upload">
      <label className="field">
        <span>{t('captions.uploadLanguage')}</span>
        <select value={language} onChange={(event) => setLanguage(event.target.value)}>
          <option value="zh-CN">中文</option>
          <option value="en">English</option>
        </select>
      </label>
      <input ref={input} type="file" accept=".vtt,.srt,text/vtt" hidden data-testid="captions-file" onChange={(event) => void upload(event)} />
      <button type="button" className="button" onClick={() => input.current?.click()}>
        {t('captions.upload')}
      </button>
      {fault !== null && <Fault code={fault.code}>{fault.line !== null && <strong>{t('captions.line', { line: fault.line })}</strong>}</Fault>}
    </div>
  );
}

function Loaded({ id, ...rest }: { id: string; token: string } & Pick<Props, 'positionMs' | 'onSeek'>) {
  const { t } = useTranslation();
  const { token } = rest;
  const [reads, setReads] = useState(0);
  const read = useLoadedBy(
    useCallback(() => captions.read(token, id), [token, id]),
    codeOf,
  );
  if (read.fault !== null) return <Fault code={read.fault} />;
  if (read.value === null) return <p role="status">{t('common.loading')}</p>;
  return (
    <Editor
      key={`${read.value.etag} ${reads}`}
      read={read.value}
      {...rest}
      onReadAgain={() => {
        setReads((before) => before + 1);
        read.reload();
      }}
    />
  );
}

interface EditorProps extends Pick<Props, 'token' | 'positionMs' | 'onSeek'> {
  read: Answer<EditableCaptions>;
  onReadAgain: () => void;
}

function Editor({ read, token, positionMs, onSeek, onReadAgain }: EditorProps) {
  const { t } = useTranslation();
  const [stored, setStored] = useState(read);
  const [cues, setCues] = useState<Cue[]>(read.body.cues);
  const [state, setState] = useState<'kept' | 'saving' | 'saved'>('kept');
  const [fault, setFault] = useState<string | null>(null);
  const flaws = useMemo(() => flawsOf(cues), [cues]);
  const isChanged = cues !== stored.body.cues;
  const shown = shownAt(cues, positionMs);

  function edit(next: Cue[]): void {
    setCues(next);
    setState('kept');
  }

  async function save(): Promise<void> {
    setState('saving');
    setFault(null);
    try {
      const answer = await captions.replace(token, stored.body, cues, stored.etag);
      setStored(answer);
      setCues(answer.body.cues);
      setState('saved');
    } catch (error) {
      setFault(codeOf(error));
      setState('kept');
    }
  }

  async function download(): Promise<void> {
    try {
      const address = URL.createObjectURL(await captions.file(token, stored.body.id));
      const link = Object.assign(document.createElement('a'), { href: address, download: `captions-${stored.body.language}.vtt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      setFault(codeOf(error));
    }
  }

  return (
    <>
      <div className="caption-editor__actions">
        <button type="button" className="button button--primary" disabled={!isChanged || flaws.size > 0 || state === 'saving'} onClick={() => void save()} data-testid="captions-save">
          {t('captions.save')}
        </button>
        <button type="button" className="button" onClick={() => edit(added(cues, Math.round(positionMs)).cues)}>
          {t('captions.add')}
        </button>
        <button type="button" className="button" onClick={() => void download()}>
          {t('captions.download')}
        </button>
        <span role="status" className="soft">
          {state === 'saved' ? t('captions.saved') : isChanged ? t('captions.unsaved') : ''}
          {flaws.size > 0 ? ` ${t('captions.flaws', { count: flaws.size })}` : ''}
        </span>
      </div>
      <Fault code={fault}>
        {fault === 'precondition_failed' && (
          <button type="button" className="button button--small" onClick={onReadAgain}>
            {t('captions.readAgain')}
          </button>
        )}
      </Fault>
      <ol className="caption-editor__list">
        {cues.map((cue, at) => (
          <CueRow
            key={at}
            number={at + 1}
            cue={cue}
            flaw={flaws.get(at) ?? null}
            isShown={at === shown}
            isLast={at === cues.length - 1}
            onChange={(change) => edit(changed(cues, at, change))}
            onSplit={(offset) => edit(split(cues, at, offset))}
            onMerge={() => edit(merge(cues, at))}
            onDelete={() => edit(without(cues, at))}
            onSeek={() => onSeek(cue.begin_ms)}
          />
        ))}
      </ol>
    </>
  );
}
