/**
 * The captions of a lesson: upload, recognise, correct, approve, export. Mount it beside a player: `positionMs` is where
 * that stands, and `onSeek` moves it, both in ms of the lesson. `reason`: why, of who must say why it looks.
 */
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLoadedBy } from '../administration/use-loaded';
import { Fault, TryAgain } from '../components/fault';
import { Icon } from '../components/icons';
import type { Captions } from '../protocol/captions';
import { captions } from '../protocol/captions';
import { codeOf } from '../protocol/errors';
import { CaptionUpload } from './caption-upload';
import { CueEditor } from './cue-editor';
import { languageName } from './cues';
import { SpeechRecognition } from './speech-recognition';

interface Props {
  lesson: string;
  token: string;
  reason: string;
  positionMs: number;
  onSeek: (positionMs: number) => void;
}

export function CaptionEditor({ lesson, token, reason, positionMs, onSeek }: Props) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const [isUnsaved, setUnsaved] = useState(false);
  const list = useLoadedBy(
    useCallback(() => captions.list(token, lesson, reason), [token, lesson, reason]),
    codeOf,
  );
  const all = list.value ?? [];
  const id = (all.find((one) => one.id === chosen) ?? all[0])?.id ?? null;
  const reload = list.reload;
  const onRecognised = useCallback(() => {
    setChosen(null);
    reload();
  }, [reload]);
  return (
    <section className="caption-editor" aria-labelledby="caption-editor" data-testid="captions">
      <div className="caption-editor__head">
        <h2 id="caption-editor">{t('captions.title')}</h2>
        {all.length > 0 && (
          <label className="field">
            <span>{t('captions.language')}</span>
            <select value={id ?? ''} disabled={isUnsaved} onChange={(event) => setChosen(event.target.value)}>
              {all.map((one) => (
                <option key={one.id} value={one.id}>
                  {nameOf(one, t(`captions.origin.${one.origin}`), t('captions.draft'))}
                </option>
              ))}
            </select>
          </label>
        )}
        <CaptionUpload
          lesson={lesson}
          token={token}
          isLocked={isUnsaved}
          onUploaded={(made) => {
            setChosen(made.id);
            reload();
          }}
        />
      </div>
      <SpeechRecognition lesson={lesson} token={token} isLocked={isUnsaved} onRecognised={onRecognised} />
      <Fault code={list.fault}>
        <TryAgain onClick={reload} />
      </Fault>
      {list.value === null && list.fault === null && <p role="status">{t('common.loading')}</p>}
      {list.value?.length === 0 && (
        <div className="empty">
          <Icon name="captions" />
          <strong>{t('captions.empty')}</strong>
          <p>{t('captions.emptyHint')}</p>
        </div>
      )}
      {id !== null && (
        <CueEditor
          key={id}
          id={id}
          token={token}
          reason={reason}
          positionMs={positionMs}
          onSeek={onSeek}
          onUnsaved={setUnsaved}
          onChanged={reload}
        />
      )}
    </section>
  );
}

function nameOf(one: Captions, origin: string, draft: string): string {
  const language = languageName(one.language);
  return [language, one.label === language ? '' : one.label, origin, one.is_draft ? draft : ''].filter((part) => part !== '').join(' · ');
}
