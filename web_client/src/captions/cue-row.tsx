/** One caption: its times, its text, and what can be done with it. Ctrl+Enter splits at the cursor. */
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Cue } from '../protocol/captions';
import type { Flaw } from './cues';
import { parseTime, timeText } from './cues';

interface Props {
  number: number;
  cue: Cue;
  flaw: Flaw | null;
  isShown: boolean;
  isLast: boolean;
  onChange: (change: Partial<Cue>) => void;
  onSplit: (offset: number) => void;
  onMerge: () => void;
  onDelete: () => void;
  onSeek: () => void;
}

export function CueRow({ number, cue, flaw, isShown, isLast, onChange, onSplit, onMerge, onDelete, onSeek }: Props) {
  const { t } = useTranslation();
  const text = useRef<HTMLTextAreaElement>(null);
  const splitHere = (): void => onSplit(text.current?.selectionStart ?? 0);
  return (
    <li className="caption-editor__cue" aria-current={isShown ? 'true' : undefined}>
      <button type="button" className="button button--quiet" aria-label={t('captions.seek', { number })} onClick={onSeek}>
        {number}
      </button>
      <TimeField label={t('captions.begin', { number })} ms={cue.begin_ms} onChange={(begin_ms) => onChange({ begin_ms })} />
      <TimeField label={t('captions.end', { number })} ms={cue.end_ms} onChange={(end_ms) => onChange({ end_ms })} />
      <textarea
        ref={text}
        rows={Math.max(1, cue.text.split('\n').length)}
        aria-label={t('captions.text', { number })}
        aria-invalid={flaw !== null}
        value={cue.text}
        maxLength={1300}
        onChange={(event) => onChange({ text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !event.ctrlKey) return;
          event.preventDefault();
          splitHere();
        }}
      />
      <div className="caption-editor__tools">
        <button type="button" className="button button--small" onClick={splitHere}>
          {t('captions.split')}
        </button>
        <button type="button" className="button button--small" disabled={isLast} onClick={onMerge}>
          {t('captions.merge')}
        </button>
        <button type="button" className="button button--small" onClick={onDelete}>
          {t('captions.delete')}
        </button>
      </div>
      {flaw !== null && (
        <p className="caption-editor__flaw" role="alert">
          {t(`captions.flaw.${flaw}`)}
        </p>
      )}
    </li>
  );
}

/** Keeps what is typed until it is left; what is no time goes back. */
function TimeField({ label, ms, onChange }: { label: string; ms: number; onChange: (ms: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      className="caption-editor__time"
      aria-label={label}
      aria-invalid={typed !== null && parseTime(typed) === null}
      value={typed ?? timeText(ms)}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        const given = typed === null ? null : parseTime(typed);
        if (given !== null && given !== ms) onChange(given);
        setTyped(null);
      }}
    />
  );
}
