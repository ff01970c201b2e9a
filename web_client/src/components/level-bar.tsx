import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { watchLevel } from '../devices/level-meter';

export function LevelBar({ track }: { track: MediaStreamTrack | null }) {
  const { t } = useTranslation();
  const [level, setLevel] = useState(0);
  useEffect(() => (track === null ? undefined : watchLevel(track, setLevel)), [track]);
  return (
    <div className="level">
      <LevelMeter level={track === null ? 0 : level} />
      <small>{t('devices.levelHint')}</small>
    </div>
  );
}

/** `level`: from 0 (silence) to 1 (full scale). */
export function LevelMeter({ level }: { level: number }) {
  const { t } = useTranslation();
  return (
    <div
      className="level__bar"
      role="meter"
      aria-label={t('devices.level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
    >
      <span style={{ inlineSize: `${level * 100}%` }} />
    </div>
  );
}
