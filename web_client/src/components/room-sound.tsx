import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatchUp } from '../catch-up/catch-up-context';
import type { RemoteMedia } from '../connection/subscribe-peer';
import { Icon } from './icons';
import { useRoom } from './session-context';

/** Plays every received voice; where the browser wants a click first, asks for it plainly. */
export function RoomSound() {
  const { t } = useTranslation();
  const { view } = useRoom();
  const [isBlocked, setIsBlocked] = useState(false);
  const [clicks, setClicks] = useState(0);
  const reportBlocked = useCallback(() => setIsBlocked(true), []);
  const playAgain = useCallback(() => {
    setIsBlocked(false);
    setClicks((count) => count + 1);
  }, []);
  useEffect(() => {
    if (!isBlocked) return;
    // Any key or click will do: a room that raises its hand hears from then on.
    window.addEventListener('pointerup', playAgain);
    window.addEventListener('keyup', playAgain);
    return () => {
      window.removeEventListener('pointerup', playAgain);
      window.removeEventListener('keyup', playAgain);
    };
  }, [isBlocked, playAgain]);
  const voices = view.media.filter((media) => media.kind === 'audio');
  return (
    <>
      {voices.map((voice) => (
        <Voice key={voice.publication} voice={voice} clicks={clicks} onBlocked={reportBlocked} />
      ))}
      {isBlocked && voices.length > 0 && (
        <div className="sound-gate" role="alertdialog" aria-label={t('sound.turnOn')}>
          <button
            type="button"
            className="button button--lamp button--large"
            data-testid="turn-on-sound"
            onClick={playAgain}
          >
            <Icon name="sound" size={28} />
            {t('sound.turnOn')}
          </button>
          <p>{t('sound.hint')}</p>
        </div>
      )}
    </>
  );
}

interface VoiceProps {
  voice: RemoteMedia;
  /** Grows with each click on "Turn on sound": play is tried again. */
  clicks: number;
  onBlocked: () => void;
}

function Voice({ voice, clicks, onBlocked }: VoiceProps) {
  const element = useRef<HTMLAudioElement>(null);
  const { track } = voice;
  // Paused, or behind with the voice of the recording.
  const isSilent = useCatchUp().state.mode !== 'live';
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
  }, [track]);
  useEffect(() => {
    element.current?.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  }, [track, clicks, onBlocked]);
  return <audio ref={element} autoPlay muted={isSilent} data-testid={`audio-${voice.seat}-${voice.source}`} />;
}
