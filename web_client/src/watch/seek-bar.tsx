import type { KeyboardEvent, PointerEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { Chapter } from '../protocol/rest';
import { chapterAt } from './chapters';
import type { Tile } from './storyboard';
import { tileAt } from './storyboard';
import { useChapterTitle } from './use-chapter-title';
import type { Playback } from './use-playback';

interface SeekBarProps {
  playback: Playback;
  durationS: number;
  chapters: readonly Chapter[];
  tiles: readonly Tile[];
  onSeek: (positionS: number) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };

/** Where it is, how far it is loaded, where chapters begin, and what would be seen where the pointer is. */
export function SeekBar({ playback, durationS, chapters, tiles, onSeek }: SeekBarProps) {
  const { t } = useTranslation();
  const title = useChapterTitle();
  const [dragS, setDragS] = useState<number | null>(null);
  const [hoverS, setHoverS] = useState<number | null>(null);
  const shownS = dragS ?? playback.positionS;
  const ratio = (positionS: number): number => (durationS === 0 ? 0 : (100 * positionS) / durationS);
  const [played, buffered] = [ratio(shownS), ratio(playback.bufferedS)];
  const track = `linear-gradient(to right, var(--lamp) ${played}%, var(--line-strong) ${played}%, var(--line-strong) ${buffered}%, var(--line) ${buffered}%)`;
  const chapter = chapters[chapterAt(chapters, playback.positionS * 1000)];
  const position = t('watch.position', { time: clockText(playback.positionS * 1000), total: clockText(durationS * 1000) });
  const hover = (event: PointerEvent<HTMLInputElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    setHoverS(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * durationS);
  };
  const drop = (): void => {
    if (dragS !== null) onSeek(dragS);
    setDragS(null);
    setHoverS(null);
  };
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onSeek(playback.positionS + step);
  };
  const previewS = dragS ?? hoverS;
  const preview = previewS === null ? undefined : chapters[chapterAt(chapters, previewS * 1000)];
  return (
    <div className="player__seek-box">
      <input
        className="player__seek"
        type="range"
        min={0}
        max={Math.max(durationS, 0.1)}
        step={0.1}
        value={Math.min(shownS, durationS)}
        style={{ backgroundImage: track }}
        aria-label={t('watch.seek')}
        aria-valuetext={chapter === undefined ? position : `${position}, ${title(chapter)}`}
        onChange={(event) => setDragS(Number(event.target.value))}
        onPointerMove={hover}
        onPointerLeave={() => setHoverS(null)}
        onPointerUp={drop}
        onPointerCancel={drop}
        onKeyDown={press}
        onKeyUp={drop}
        onBlur={drop}
      />
      {durationS > 0 &&
        chapters.slice(1).map((one) => (
          <span key={one.start_ms} className="player__tick" aria-hidden="true" style={{ insetInlineStart: `${one.start_ms / durationS / 10}%` }} />
        ))}
      {previewS !== null && (
        <Preview atS={previewS} ratio={ratio(previewS)} tile={tileAt(tiles, previewS)} title={preview === undefined ? '' : title(preview)} />
      )}
    </div>
  );
}

function Preview({ atS, ratio, tile, title }: { atS: number; ratio: number; tile: Tile | null; title: string }) {
  return (
    <div className="preview" aria-hidden="true" data-testid="preview" style={{ insetInlineStart: `clamp(84px, ${ratio}%, calc(100% - 84px))` }}>
      {tile !== null && (
        <span className="preview__picture" style={{ width: tile.width, height: tile.height, backgroundImage: `url("${tile.url}")`, backgroundPosition: `-${tile.x}px -${tile.y}px` }} />
      )}
      {title !== '' && <span className="preview__title">{title}</span>}
      <span className="preview__time">{clockText(atS * 1000)}</span>
    </div>
  );
}
