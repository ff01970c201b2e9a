import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { Chapter } from '../protocol/rest';
import { chapterAt } from './chapters';
import { useChapterTitle } from './use-chapter-title';
import type { Playback } from './use-playback';

interface SeekBarProps {
  playback: Playback;
  durationS: number;
  chapters: readonly Chapter[];
  onSeek: (positionS: number) => void;
}

/** Where it is, how far it is loaded, and where chapters begin. */
export function SeekBar({ playback, durationS, chapters, onSeek }: SeekBarProps) {
  const { t } = useTranslation();
  const title = useChapterTitle();
  const played = durationS === 0 ? 0 : (100 * playback.positionS) / durationS;
  const buffered = durationS === 0 ? 0 : (100 * playback.bufferedS) / durationS;
  const track = `linear-gradient(to right, var(--lamp) ${played}%, var(--line-strong) ${played}%, var(--line-strong) ${buffered}%, var(--line) ${buffered}%)`;
  const chapter = chapters[chapterAt(chapters, playback.positionS * 1000)];
  const position = t('watch.position', { time: clockText(playback.positionS * 1000), total: clockText(durationS * 1000) });
  return (
    <div className="player__seek-box">
      <input
        className="player__seek"
        type="range"
        min={0}
        max={Math.max(durationS, 0.1)}
        step={0.1}
        value={Math.min(playback.positionS, durationS)}
        style={{ backgroundImage: track }}
        aria-label={t('watch.seek')}
        aria-valuetext={chapter === undefined ? position : `${position}, ${title(chapter)}`}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
      {durationS > 0 &&
        chapters.slice(1).map((one) => (
          <span key={one.start_ms} className="player__tick" aria-hidden="true" style={{ insetInlineStart: `${one.start_ms / durationS / 10}%` }} />
        ))}
    </div>
  );
}
