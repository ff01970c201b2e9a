import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useObservable, useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';
import { KEYS } from './keys';
import { useNameOf } from './use-seat-name';
import { useHold } from './use-hold';

const WHISPER_KEY = KEYS.whisper;

/** Held to talk: this assistant alone hears it, and the rooms hear nothing of the teacher meanwhile. */
export function WhisperKey({ assistant }: { assistant: Seat }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const own = useObservable(session.media.view);
  const name = useNameOf()(assistant);
  const isHeld = useRef(false);
  const { id } = assistant;
  const isPossible = assistant.connected && own.microphone !== null;
  const change = useCallback(
    (next: boolean): void => {
      isHeld.current = next && isPossible;
      if (!isHeld.current) {
        void session.media.setWhispering(false);
        return;
      }
      // First the server must know who hears it: else the beginning would reach who was named before.
      void session.act({ type: 'whisper', seat: id }).then((isNamed) => {
        if (isNamed && isHeld.current) return session.media.setWhispering(true);
      });
    },
    [session, id, isPossible],
  );
  const hold = useHold(change, WHISPER_KEY);
  return (
    <button
      type="button"
      className={own.isWhispering ? 'button button--lamp' : 'button'}
      data-testid="whisper"
      aria-pressed={own.isWhispering}
      aria-keyshortcuts={WHISPER_KEY}
      disabled={!isPossible}
      {...hold}
    >
      <Icon name="microphone" size={20} />
      {t(own.isWhispering ? 'teach.talk.whispering' : 'teach.talk.whisper', { name })}
      <kbd>{WHISPER_KEY}</kbd>
    </button>
  );
}
