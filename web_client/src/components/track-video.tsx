import { useEffect, useRef } from 'react';
import { useCatchUp } from '../catch-up/catch-up-context';

interface TrackVideoProps {
  track: MediaStreamTrack | null;
  label: string;
  testId: string;
  seat?: string;
  source?: string;
  isMirrored?: boolean;
}

/**
 * One video track on screen. Sound is played by RoomSound, so that a picture that moves about the page never
 * interrupts a voice; the element is therefore always muted and needs no user gesture.
 */
export function TrackVideo({ track, label, testId, seat, source, isMirrored }: TrackVideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  const isPaused = useCatchUp().state.mode === 'paused' && isMirrored !== true;
  useEffect(() => {
    const video = element.current;
    if (video === null || track === null) return;
    if (isPaused) video.pause();
    else video.play().catch(() => undefined);
  }, [track, isPaused]);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = track === null ? null : new MediaStream([track]);
    if (track !== null) video.play().catch(() => undefined);
  }, [track]);
  return (
    <video
      ref={element}
      className={isMirrored === true ? 'picture picture--mirrored' : 'picture'}
      aria-label={label}
      data-testid={testId}
      data-seat={seat}
      data-source={source}
      autoPlay
      playsInline
      muted
    />
  );
}
