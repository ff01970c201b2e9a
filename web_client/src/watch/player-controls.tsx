import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { IconName } from '../components/icons';
import { Icon } from '../components/icons';
import type { Chapter } from '../protocol/rest';
import type { PlayerCommands } from './player-commands';
import { JUMP_S } from './player-commands';
import { SeekBar } from './seek-bar';
import { SPEEDS } from './speeds';
import type { Tile } from './storyboard';
import type { Playback } from './use-playback';

interface PlayerControlsProps {
  playback: Playback;
  commands: PlayerCommands;
  durationMs: number;
  chapters: readonly Chapter[];
  tiles: readonly Tile[];
  /** Null where there are no captions. */
  hasCaptions: boolean | null;
  onCaptions: () => void;
  onHelp: () => void;
  settings: ReactNode;
}

export function PlayerControls({ playback, commands, durationMs, chapters, tiles, hasCaptions, onCaptions, onHelp, settings }: PlayerControlsProps) {
  const { t } = useTranslation();
  const durationS = playback.durationS || durationMs / 1000;
  return (
    <div className="player__controls">
      <SeekBar playback={playback} durationS={durationS} chapters={chapters} tiles={tiles} onSeek={commands.seekTo} />
      <div className="player__row">
        <ControlIcon name={playback.isPlaying ? 'pause' : 'play'} label={t(playback.isPlaying ? 'watch.pause' : 'watch.play')} onPress={commands.togglePlay} isMain />
        <ControlIcon name="back10" label={t('watch.back10')} onPress={() => commands.seekBy(-JUMP_S)} />
        <ControlIcon name="forward10" label={t('watch.forward10')} onPress={() => commands.seekBy(JUMP_S)} />
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
        <span className="player__sound">
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
        </span>
        {hasCaptions !== null && <ControlIcon name="captions" label={t('watch.captions')} onPress={onCaptions} isPressed={hasCaptions} />}
        <Settings>{settings}</Settings>
        <span className="player__help">
          <ControlIcon name="help" label={t('watch.keysTitle')} onPress={onHelp} />
        </span>
        <ControlIcon name="fullscreen" label={t('watch.fullscreen')} onPress={commands.toggleFullscreen} />
      </div>
    </div>
  );
}

/** Opens over the pictures; Escape, or a press elsewhere, closes it. */
function Settings({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const press = (event: PointerEvent): void => {
      if (!box.current?.contains(event.target as Node)) setIsOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setIsOpen(false);
      box.current?.querySelector('button')?.focus();
    };
    window.addEventListener('pointerdown', press);
    window.addEventListener('keydown', escape);
    return () => {
      window.removeEventListener('pointerdown', press);
      window.removeEventListener('keydown', escape);
    };
  }, [isOpen]);
  return (
    <span ref={box} className="player__settings">
      <button
        type="button"
        className="button button--quiet button--icon"
        aria-expanded={isOpen}
        aria-label={t('watch.settings')}
        title={t('watch.settings')}
        onClick={() => setIsOpen((was) => !was)}
      >
        <Icon name="settings" size={26} />
      </button>
      {isOpen && children}
    </span>
  );
}

interface ControlIconProps {
  name: IconName;
  label: string;
  onPress: () => void;
  isMain?: boolean;
  isPressed?: boolean;
}

function ControlIcon({ name, label, onPress, isMain, isPressed }: ControlIconProps) {
  return (
    <button
      type="button"
      className={isMain === true ? 'button button--lamp button--icon' : 'button button--quiet button--icon'}
      aria-label={label}
      aria-pressed={isPressed}
      title={label}
      onClick={onPress}
    >
      <Icon name={name} size={26} />
    </button>
  );
}
