/** Whether the own microphone works, for who is not on stage: measured here, sent nowhere. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
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

/** Tells `onHears` of a voice, and of none for SILENT_AFTER_MS. */
function listen(onHears: (hears: boolean) => void): (level: number) => void {
  let quietSinceMs = performance.now();
  return (level) => {
    const nowMs = performance.now();
    if (level >= HEARD) {
      quietSinceMs = nowMs;
      onHears(true);
    } else if (nowMs - quietSinceMs >= SILENT_AFTER_MS) onHears(false);
  };
}

function Meter({ track }: { track: MediaStreamTrack }) {
  const { t } = useTranslation();
  const [hears, setHears] = useState<boolean | null>(null);
  const [onLevel] = useState(() => listen(setHears));
  return (
    <div className="own-level" data-testid="own-level" data-hears={hears ?? 'unknown'}>
      <LevelMeter track={track} onLevel={onLevel} />
      <small role="status">
        {hears === false && <Icon name="warning" size={20} />}
        {t(hears === null ? 'ownLevel.listening' : hears ? 'ownLevel.works' : 'ownLevel.silent')}
      </small>
    </div>
  );
}
