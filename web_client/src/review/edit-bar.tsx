import type { PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { NamedChapter } from '../protocol/versions';
import type { Range } from './edit';

interface EditBarProps {
  lengthMs: number;
  positionMs: number;
  cuts: readonly Range[];
  chapters: readonly NamedChapter[];
  mark: Range | null;
  onSeek: (positionMs: number) => void;
  /** The begin (0) or the end (1) of what is marked was moved. */
  onMark: (side: 0 | 1, positionMs: number) => void;
}

/** The lesson from begin to end: what is cut is hatched, what is marked stands between two handles. */
export function EditBar({ lengthMs, positionMs, cuts, chapters, mark, onSeek, onMark }: EditBarProps) {
  const { t } = useTranslation();
  const share = (ms: number): string => `${lengthMs === 0 ? 0 : (100 * ms) / lengthMs}%`;
  const at = (event: PointerEvent): number => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    return Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * lengthMs);
  };
  return (
    <div className="edit-bar">
      <div className="edit-bar__track" onPointerDown={(event) => onSeek(at(event))}>
        {cuts.map(([from, until]) => (
          <span key={from} className="edit-bar__cut" style={{ insetInlineStart: share(from), width: share(until - from) }} />
        ))}
        {mark !== null && <span className="edit-bar__mark" style={{ insetInlineStart: share(mark[0]), width: share(mark[1] - mark[0]) }} />}
        {chapters.map((one) => (
          <span key={one.at_ms} className="edit-bar__chapter" style={{ insetInlineStart: share(one.at_ms) }} />
        ))}
        <span className="edit-bar__head" style={{ insetInlineStart: share(positionMs) }} />
      </div>
      <input
        className="edit-bar__seek"
        type="range"
        min={0}
        max={Math.max(lengthMs, 1)}
        step={100}
        value={Math.min(positionMs, lengthMs)}
        aria-label={t('review.position')}
        aria-valuetext={clockText(positionMs)}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
      {mark !== null &&
        ([0, 1] as const).map((side) => (
          <button
            key={side}
            type="button"
            role="slider"
            className="edit-bar__handle"
            data-side={side}
            style={{ insetInlineStart: share(mark[side]) }}
            aria-label={t(side === 0 ? 'review.markFrom' : 'review.markUntil')}
            aria-valuemin={0}
            aria-valuemax={lengthMs}
            aria-valuenow={mark[side]}
            aria-valuetext={clockText(mark[side])}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={(event) => {
              if (event.currentTarget.hasPointerCapture(event.pointerId)) onMark(side, at(event));
            }}
            onKeyDown={(event) => {
              const step = { ArrowLeft: -1000, ArrowRight: 1000 }[event.key];
              if (step === undefined) return;
              event.preventDefault();
              onMark(side, mark[side] + step * (event.shiftKey ? 10 : 1));
            }}
          />
        ))}
    </div>
  );
}
