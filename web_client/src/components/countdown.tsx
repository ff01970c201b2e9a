import { leftText } from './clock';
import { useServerNow } from './server-now';

/** What is left until a moment of the server's clock, in big figures; 0:00 when it has passed. */
export function Countdown({ untilMs, label }: { untilMs: number; label: string }) {
  const leftMs = untilMs - useServerNow();
  const text = leftText(leftMs);
  return (
    <p className="countdown" role="timer" aria-label={`${label} ${text}`} data-over={leftMs <= 0}>
      {text}
    </p>
  );
}
