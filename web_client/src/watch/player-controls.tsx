import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { IconName } from '../components/icons';
import { Icon } from '../components/icons';
import type { Chapter } from '../protocol/rest';
import type { PlayerCommands } from './player-commands';
import { SeekBar } from './seek-bar';
import { SPEEDS } from './speeds';
import type { Playback } from './use-playback';

export type PlayerLayout = 'side_by_side' | 'corner';

interface PlayerControlsProps {
  playback: Playback;
  commands: PlayerCommands;
  /** Null when there is only one picture. */
  layout: PlayerLayout | null;
  onLayout: (layout: PlayerLayout) => void;
  durationMs: number | null;
  chapters: readonly Chapter[];
}

export function PlayerControls({ playback, commands, layout, onLayout, durationMs, chapters }: PlayerControlsProps) {
  const { t } = useTranslation();
  const durationS = playback.durationS || (durationMs ?? 0) / 1000;
  const nextLayout: PlayerLayout = layout === 'corner' ? 'side_by_side' : 'corner';
  return (
    <div className="player__controls">
      <SeekBar playback={playback} durationS={durationS} chapters={chapters} onSeek={commands.seekTo} />
      <div className="player__row">
        <ControlIcon name={playback.isPlaying ? 'pause' : 'play'} label={t(playback.isPlaying ? 'watch.pause' : 'watch.play')} onPress={commands.togglePlay} isMain />
        <ControlIcon name="back10" label={t('watch.back10')} onPress={() => commands.seekBy(-10)} />
        <ControlIcon name="forward10" label={t('watch.forward10')} onPress={() => commands.seekBy(10)} />
        <span className="player__time">
          {clockText(playback.positionS * 1000)} <span>/ {clockText(durationS * 1000)}</span>
        </span>
        <span className="top-bar__gap" />
        <label className="player__speed">
          <span className="visually-hidden">{t('watch.speed')}</span>
          <select value={playback.rate} onChange={(event) => commands.setSpeed(Number(event.target.value))} data-testid="speed">
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {speed}×
              </option>
            ))}
          </select>
        </label>
        <ControlIcon name={playback.isMuted ? 'sound-off' : 'sound'} label={t(playback.isMuted ? 'watch.unmute' : 'watch.mute')} onPress={commands.toggleMute} />
        <input
          className="player__volume"
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={playback.isMuted ? 0 : playback.volume}
          aria-label={t('watch.volume')}
          onChange={(event) => commands.setVolume(Number(event.target.value))}
        />
        {layout !== null && (
          <span className="player__layout">
            <ControlIcon
              name={layout === 'corner' ? 'side-by-side' : 'corner'}
              label={t(layout === 'corner' ? 'watch.sideBySide' : 'watch.pictureInPicture')}
              onPress={() => onLayout(nextLayout)}
            />
          </span>
        )}
        <ControlIcon name="fullscreen" label={t('watch.fullscreen')} onPress={commands.toggleFullscreen} />
      </div>
    </div>
  );
}

interface ControlIconProps {
  name: IconName;
  label: string;
  onPress: () => void;
  isMain?: boolean;
}

function ControlIcon({ name, label, onPress, isMain }: ControlIconProps) {
  return (
    <button type="button" className={isMain === true ? 'button button--lamp button--icon' : 'button button--quiet button--icon'} aria-label={label} title={label} onClick={onPress}>
      <Icon name={name} size={26} />
    </button>
  );
}
