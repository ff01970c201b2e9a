/** Whether the own microphone works, for who is not on stage: measured here, sent nowhere. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { watchLevel } from '../devices/level-meter';
import { Icon } from './icons';
import { LevelMeter } from './level-bar';
import { useObservable, useRoom } from './session-context';

/** About -48 dB: more than an empty room, less than a voice from the last row. */
const HEARD = 0.2;
const SILENT_AFTER_MS = 15_000;

export function OwnLevel() {
  const { session } = useRoom();
  const { microphone, isOnStage } = useObservable(session.media.view);
  if (microphone === null || isOnStage) return null;
  return <Meter key={microphone.id} track={microphone} />;
}

function Meter({ track }: { track: MediaStreamTrack }) {
  const { t } = useTranslation();
  const [level, setLevel] = useState(0);
  const [hears, setHears] = useState<boolean | null>(null);
  useEffect(() => {
    let quietSinceMs = performance.now();
    return watchLevel(track, (found) => {
      const nowMs = performance.now();
      if (found >= HEARD) quietSinceMs = nowMs;
      setLevel(found);
      if (found >= HEARD) setHears(true);
      else if (nowMs - quietSinceMs >= SILENT_AFTER_MS) setHears(false);
    });
  }, [track]);
  return (
    <div className="own-level" data-testid="own-level" data-hears={hears ?? 'unknown'}>
      <LevelMeter level={level} />
      <small role="status">
        {hears === false && <Icon name="warning" size={20} />}
        {t(hears === null ? 'ownLevel.listening' : hears ? 'ownLevel.works' : 'ownLevel.silent')}
      </small>
    </div>
  );
}
