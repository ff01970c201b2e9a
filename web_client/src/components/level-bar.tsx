import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { watchLevel } from '../devices/level-meter';

export function LevelBar({ track }: { track: MediaStreamTrack | null }) {
  const { t } = useTranslation();
  return (
    <div className="level">
      <LevelMeter track={track} />
      <small>{t('devices.levelHint')}</small>
    </div>
  );
}

interface Props {
  track: MediaStreamTrack | null;
  /** The same function at each render. */
  onLevel?: ((level: number) => void) | undefined;
  className?: string;
  label?: string;
}

/** Drawn past React, by a transform alone: a lesson's page must not be laid out anew for each sound in the room. */
export function LevelMeter({ track, onLevel, className = 'level__bar', label }: Props) {
  const { t } = useTranslation();
  const meter = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const draw = (level: number) => {
      const percent = Math.round(level * 20) * 5;
      meter.current?.setAttribute('aria-valuenow', String(percent));
      meter.current?.style.setProperty('--level', String(percent / 100));
    };
    draw(0);
    if (track === null) return undefined;
    return watchLevel(track, (level) => {
      draw(level);
      onLevel?.(level);
    });
  }, [track, onLevel]);
  return (
    <div
      ref={meter}
      className={className}
      role="meter"
      aria-label={label ?? t('devices.level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <span />
    </div>
  );
}
