/** Where this seat is in the lesson: live, paused, or behind and catching up. Pure; times are the server's clock in ms. */

/** What did not come. */
export interface Span {
  fromMs: number;
  untilMs: number;
}

export type CatchUpState =
  | { mode: 'live'; missed: Span | null }
  | { mode: 'paused'; fromMs: number }
  | { mode: 'behind'; fromMs: number };

export type CatchUpAction =
  | { type: 'missed'; span: Span }
  | { type: 'dismiss' }
  /** `atMs`: what is shown at that moment. */
  | { type: 'pause'; atMs: number }
  | { type: 'goOn' }
  | { type: 'liveNow' };

export const LIVE: CatchUpState = { mode: 'live', missed: null };

export function catchUp(state: CatchUpState, action: CatchUpAction): CatchUpState {
  switch (action.type) {
    case 'missed':
      // Who is behind plays the recording, in which nothing is missing.
      if (state.mode !== 'live') return state;
      return { mode: 'live', missed: { ...action.span, fromMs: Math.min(action.span.fromMs, state.missed?.fromMs ?? Infinity) } };
    case 'dismiss':
      return state.mode === 'live' ? LIVE : state;
    case 'pause':
      return state.mode === 'paused' ? state : { mode: 'paused', fromMs: action.atMs };
    case 'goOn':
      if (state.mode === 'paused') return { mode: 'behind', fromMs: state.fromMs };
      return state.mode === 'live' && state.missed !== null ? { mode: 'behind', fromMs: state.missed.fromMs } : state;
    case 'liveNow':
      return LIVE;
  }
}
