/** One more attempt after a growing pause; at most one waits. */
import { RECONNECT, backoffDelay } from './backoff';

export class Retry {
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly action: () => void) {}

  schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.action, backoffDelay(RECONNECT, this.attempt, Math.random()));
    this.attempt += 1;
  }

  /** It worked: the next failure waits briefly again. */
  reset(): void {
    this.attempt = 0;
    this.close();
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
