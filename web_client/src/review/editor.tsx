import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import { hasModifier, isOnControl, isTyping } from '../components/typing';
import { CaptionEditor } from '../captions/caption-editor';
import type { Edit } from '../protocol/versions';
import { useHls } from '../watch/use-hls';
import { usePlayback } from '../watch/use-playback';
import { CutList } from './cut-list';
import type { Change, History, Range } from './edit';
import { cut, cutsOf, lengthOf, nextKept, restore } from './edit';
import { EditBar } from './edit-bar';
import { useChapters } from './use-chapters';
import { ChapterEditor } from './chapter-editor';
import { ReviewPictures } from './review-pictures';
import { usePosition } from './use-position';
import { useTaught } from './use-taught';
import type { Reviewed } from './use-review';

interface EditorProps {
  reviewed: Reviewed;
  history: History<Edit>;
  isLocked: boolean;
  onChange: (change: Change<Edit>) => void;
}

/** The pictures, the timeline below them, what was cut, and the chapters. */
export function Editor({ reviewed, history, isLocked, onChange }: EditorProps) {
  const { t } = useTranslation();
  const { lengthMs, main } = reviewed;
  const edit = history.present;
  const video = useRef<HTMLVideoElement>(null);
  const [isPreview, setPreview] = useState(false);
  const [mark, setMark] = useState<Range | null>(null);
  const skip = useCallback((positionMs: number) => nextKept(edit, lengthMs, positionMs), [edit, lengthMs]);
  const { pictures, signed } = useTaught(reviewed);
  const { playback, ensemble } = usePlayback(video);
  const { isPlaying } = playback;
  const fault = useHls(video, { url: pictures[0]?.hls_url ?? '', startS: () => video.current?.currentTime ?? 0, isSmallest: false, signed, attempt: 0 });
  const positionMs = usePosition(video, isPreview ? skip : null);
  const chapters = useChapters(reviewed.timeline, edit);
  const cuts = cutsOf(edit, lengthMs);

  const seek = (toMs: number): void => {
    if (video.current !== null) video.current.currentTime = Math.max(0, toMs) / 1000;
  };
  const toggle = (): void => (isPlaying ? ensemble.pause() : ensemble.play());
  const markAt = (side: 0 | 1, toMs: number): void => {
    const at = Math.min(lengthMs, Math.max(0, Math.round(toMs)));
    setMark((before) => {
      const [from, until] = before ?? [side === 0 ? at : 0, side === 1 ? at : lengthMs];
      return side === 0 ? [Math.min(at, until), until] : [from, Math.max(at, from)];
    });
  };
  const set = (to: Edit): void => onChange({ type: 'set', to });
  const cutMarked = (): void => {
    if (mark === null || isLocked) return;
    set(cut(edit, mark, lengthMs));
    setMark(null);
  };

  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  useEffect(() => {
    keys.current = (event) => {
      // Where nothing can be written there is nothing of the field's own to undo.
      const kind = event.target instanceof HTMLInputElement ? event.target.type : '';
      const isWriting = isTyping(event) && kind !== 'range' && kind !== 'checkbox';
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !isLocked && !isWriting) {
        event.preventDefault();
        onChange({ type: event.shiftKey ? 'redo' : 'undo' });
        return;
      }
      if ((isTyping(event) && kind !== 'range') || isOnControl(event)) return;
      if (hasModifier(event)) return;
      const act = { i: () => markAt(0, positionMs), o: () => markAt(1, positionMs), x: cutMarked, ' ': toggle, p: () => setPreview((is) => !is) }[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => keys.current(event);
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);

  return (
    <section className="review__editor" aria-label={t('review.editor')}>
      <ReviewPictures {...{ pictures, video, ensemble, signed, fault }} without={edit.without} onToggle={toggle} />
      <EditBar lengthMs={lengthMs} positionMs={positionMs} cuts={cuts} chapters={chapters} mark={mark} onSeek={seek} onMark={markAt} />
      <div className="review__tools" role="toolbar" aria-label={t('review.tools')}>
        <button type="button" className="button button--primary button--icon" aria-label={t(isPlaying ? 'watch.pause' : 'watch.play')} onClick={toggle}>
          <Icon name={isPlaying ? 'pause' : 'play'} />
        </button>
        <span className="review__time">
          {clockText(positionMs)} <span className="soft">/ {clockText(lengthMs)}</span>
        </span>
        <button type="button" className="button button--small" aria-pressed={isPreview} data-testid="preview" onClick={() => setPreview(!isPreview)}>
          {t('review.preview')}
        </button>
        <span className="review__group">
          <button type="button" className="button button--small" disabled={isLocked} aria-keyshortcuts="I" onClick={() => markAt(0, positionMs)}>
            {t('review.setIn')} <kbd>I</kbd>
          </button>
          <button type="button" className="button button--small" disabled={isLocked} aria-keyshortcuts="O" onClick={() => markAt(1, positionMs)}>
            {t('review.setOut')} <kbd>O</kbd>
          </button>
          <button type="button" className="button button--small button--danger" disabled={isLocked || mark === null} aria-keyshortcuts="X" onClick={cutMarked}>
            {t('review.cut')} <kbd>X</kbd>
          </button>
        </span>
        <span className="review__group">
          <button type="button" className="button button--small" disabled={isLocked || history.past.length === 0} onClick={() => onChange({ type: 'undo' })}>
            {t('review.undo')}
          </button>
          <button type="button" className="button button--small" disabled={isLocked || history.future.length === 0} onClick={() => onChange({ type: 'redo' })}>
            {t('review.redo')}
          </button>
        </span>
      </div>
      <p className="soft review__sum" role="status" data-testid="edited-length">
        {t('review.length', { edited: clockText(lengthOf(edit, lengthMs)), whole: clockText(lengthMs) })}
      </p>
      <CutList cuts={cuts} isLocked={isLocked} onSeek={seek} onRestore={(range) => set(restore(edit, range, lengthMs))} />
      <ChapterEditor chapters={chapters} positionMs={positionMs} isLocked={isLocked} onSeek={seek} onChange={(to) => set({ ...edit, chapters: to })} />
      <CaptionEditor lesson={main.lesson} token={reviewed.token} reason={reviewed.reason} positionMs={positionMs} onSeek={seek} />
    </section>
  );
}
