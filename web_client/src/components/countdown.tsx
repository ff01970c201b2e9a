import { clockText } from './clock';
import { useServerNow } from './server-now';

/** What is left until a moment of the server's clock, in big figures; 0:00 when it has passed. */
export function Countdown({ untilMs, label }: { untilMs: number; label: string }) {
  const leftMs = untilMs - useServerNow();
  // Up to the next whole second: what shows 0:01 is not over yet.
  const text = clockText(Math.ceil(Math.max(0, leftMs) / 1000) * 1000);
  return (
    <p className="countdown" role="timer" aria-label={`${label} ${text}`} data-over={leftMs <= 0}>
      {text}
    </p>
  );
}
