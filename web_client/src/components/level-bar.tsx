import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { watchLevel } from '../devices/level-meter';

export function LevelBar({ track }: { track: MediaStreamTrack | null }) {
  const { t } = useTranslation();
  const [level, setLevel] = useState(0);
  useEffect(() => (track === null ? undefined : watchLevel(track, setLevel)), [track]);
  const shown = track === null ? 0 : level;
  return (
    <div className="level">
      <div
        className="level__bar"
        role="meter"
        aria-label={t('devices.level')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(shown * 100)}
      >
        <span style={{ inlineSize: `${shown * 100}%` }} />
      </div>
      <small>{t('devices.levelHint')}</small>
    </div>
  );
}
