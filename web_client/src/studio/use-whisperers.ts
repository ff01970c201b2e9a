import { useEffect, useState } from 'react';
import { useRoom } from '../components/session-context';
import { VoiceWatch } from '../connection/voice-watch';

const POLL_MS = 250;

/** The seats that whisper to this one now: their voices come without a picture and from off the stage. */
export function useWhisperers(): readonly string[] {
  const { view } = useRoom();
  const [speaking, setSpeaking] = useState<readonly string[]>([]);
  const { media } = view;
  useEffect(() => {
    const whispers = media.filter((one) => one.source === 'whisper');
    if (whispers.length === 0) return;
    const watch = new VoiceWatch();
    const timer = setInterval(() => {
      const heard = whispers.flatMap(({ seat, receiver }) => receiver.getSynchronizationSources().map((one) => ({ ...one, seat })));
      const now = watch.take(heard, performance.now());
      setSpeaking((before) => (before.join() === now.join() ? before : now));
    }, POLL_MS);
    return () => {
      clearInterval(timer);
      setSpeaking([]);
    };
  }, [media]);
  return speaking;
}
