import type { SessionView } from '../connection/lesson-session';

export type ConnectionHealth = 'connected' | 'connecting' | 'media' | 'lost';

/** One word for socket and media together: people want to know whether the lesson reaches them. */
export function connectionHealth(view: Pick<SessionView, 'socket' | 'publishing' | 'subscribing'>): ConnectionHealth {
  if (view.socket !== 'connected') return view.socket === 'lost' ? 'lost' : 'connecting';
  if (view.publishing === 'lost' || view.subscribing === 'lost') return 'media';
  return 'connected';
}
