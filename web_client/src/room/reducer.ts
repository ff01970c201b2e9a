/**
 * Events -> room state. Pure.
 *
 * Events are numbered without gaps. One already applied is a replay and is skipped; one from the future is a gap:
 * the caller reconnects with `resume` and the state stays as it was. The epoch may change while the numbers go on
 * (events that could not be stored): then it is the new one that a resume names.
 */
import { isBoardEvent } from '../protocol/board';
import { isControlEvent } from '../protocol/controls';
import type { EventMessage, MediaEvent, RoomEvent, Seat } from '../protocol/messages';
import { boardWithoutSeat, reduceBoard } from './board-reducer';
import { controlsWithoutSeat, reduceControls } from './control-reducer';
import { reduceLinks } from './link-reducer';
import type { RoomState } from './state';

export type Outcome = 'applied' | 'replayed' | 'gap';

export interface Applied {
  outcome: Outcome;
  state: RoomState;
}

export function applyEvent(state: RoomState, message: EventMessage): Applied {
  if (message.seq <= state.seq) return { outcome: 'replayed', state };
  if (message.seq !== state.seq + 1) return { outcome: 'gap', state };
  const reduced = reduce(state, message.event, message.at_ms);
  return { outcome: 'applied', state: { ...reduced, epoch: message.epoch, seq: message.seq } };
}

function reduce(state: RoomState, event: RoomEvent, at_ms: number): RoomState {
  if (isBoardEvent(event)) return { ...state, board: reduceBoard(state.board, event) };
  if (isControlEvent(event)) return { ...state, controls: reduceControls(state.controls, event) };
  switch (event.type) {
    case 'lesson_state':
      return {
        ...state,
        lesson: {
          ...state.lesson,
          state: event.state,
          since_ms: at_ms,
          started_at_ms: event.started_at_ms,
          ended_at_ms: event.ended_at_ms,
          reason: event.reason,
        },
      };
    case 'lesson_interrupted':
      return { ...state, lesson: { ...state.lesson, state: event.state, since_ms: at_ms } };
    case 'seat_joined':
      return { ...state, seats: new Map(state.seats).set(event.seat.id, event.seat) };
    case 'seat_connection':
      return withSeat(state, event.seat, { connected: event.connected });
    case 'seat_left':
      return withoutSeat(state, event.seat, event.reason === 'removed');
    case 'seat_muted':
      return withSeat(state, event.seat, { muted: event.muted });
    case 'consent_changed':
      return withSeat(state, event.seat, { recording_consent: event.recording_consent });
    case 'live_consent_changed':
      return withSeat(state, event.seat, { video_consent: event.video, voice_consent: event.voice });
    case 'recording_state':
      return { ...state, recording: { policy: event.policy, state: event.state, reason: event.reason } };
    case 'seat_readmitted':
      return { ...state, removed: state.removed.filter((seat) => seat.id !== event.seat) };
    case 'device_checked':
    case 'receive_changed':
      return { ...state, links: reduceLinks(state.links, event) };
    case 'consent_decided': // what changes by it follows in events of its own
    case 'unknown':
      return state;
    default:
      return reduceMedia(state, event, at_ms);
  }
}

function reduceMedia(state: RoomState, event: MediaEvent, at_ms: number): RoomState {
  switch (event.type) {
    case 'publication_added':
      return {
        ...state,
        publications: new Map(state.publications).set(event.publication.id, event.publication),
      };
    case 'publication_changed': {
      const publication = state.publications.get(event.publication);
      if (publication === undefined) return state;
      const changed = { ...publication, enabled: event.enabled };
      return { ...state, publications: new Map(state.publications).set(changed.id, changed) };
    }
    case 'publication_removed': {
      const publications = new Map(state.publications);
      publications.delete(event.publication);
      return { ...state, publications };
    }
    case 'floor_requested': {
      const others = state.hands.filter((seat) => seat !== event.seat);
      const hands = [...others.slice(0, event.position), event.seat, ...others.slice(event.position)];
      return withSeat({ ...state, hands }, event.seat, { hand_at_ms: at_ms });
    }
    case 'floor_withdrawn':
      return lowerHand(state, event.seat);
    case 'floor_granted': {
      const lowered = lowerHand(state, event.seat);
      return { ...lowered, stage: [...lowered.stage.filter((seat) => seat !== event.seat), event.seat] };
    }
    case 'floor_revoked':
      return { ...state, stage: state.stage.filter((seat) => seat !== event.seat) };
  }
}

function withSeat(state: RoomState, id: string, change: Partial<Seat>): RoomState {
  const seat = state.seats.get(id);
  if (seat === undefined) return state;
  return { ...state, seats: new Map(state.seats).set(id, { ...seat, ...change }) };
}

function lowerHand(state: RoomState, id: string): RoomState {
  return withSeat({ ...state, hands: state.hands.filter((seat) => seat !== id) }, id, { hand_at_ms: null });
}

/** Who left has no hand, no floor and no media; the invitation stays valid, so the seat may join again. */
function withoutSeat(state: RoomState, id: string, isRemoved: boolean): RoomState {
  const seats = new Map(state.seats);
  const seat = seats.get(id);
  seats.delete(id);
  return {
    ...state,
    seats,
    publications: new Map([...state.publications].filter(([, publication]) => publication.seat !== id)),
    stage: state.stage.filter((seat) => seat !== id),
    hands: state.hands.filter((seat) => seat !== id),
    controls: controlsWithoutSeat(state.controls, id),
    board: boardWithoutSeat(state.board, id),
    removed: isRemoved && seat !== undefined ? [...state.removed.filter((one) => one.id !== id), seat] : state.removed,
  };
}
