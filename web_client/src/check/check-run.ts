/** The device check of one session: at most one at a time, begun by itself once in the lobby. */
import type { LessonSession } from '../connection/lesson-session';
import { Observable } from '../connection/observable';
import { restToken } from '../pages/rest-token';
import type { CheckStep } from './run-check';
import { runCheck } from './run-check';

export class CheckRun {
  /** null: none runs. */
  readonly step = new Observable<CheckStep | null>(null);
  private hasBegun = false;

  constructor(private readonly session: LessonSession) {}

  /** Once for this session, however often the page asks. */
  startOnce(): void {
    if (!this.hasBegun) this.start();
  }

  start(): void {
    if (this.step.get() !== null) return;
    this.hasBegun = true;
    const { session } = this;
    const { lesson } = session.joined;
    this.step.set('devices');
    void runCheck({
      session,
      token: () => restToken(lesson.id),
      mayPlay: session.view.get().room?.lesson.state === 'lobby',
      onStep: (step) => this.step.set(step),
    }).finally(() => this.step.set(null));
  }
}

const runs = new WeakMap<LessonSession, CheckRun>();

export function checkRunOf(session: LessonSession): CheckRun {
  const known = runs.get(session) ?? new CheckRun(session);
  runs.set(session, known);
  return known;
}
