import { createContext, useContext, useSyncExternalStore } from 'react';
import type { LessonSession, SessionView } from '../connection/lesson-session';
import type { Observable } from '../connection/observable';
import type { Publication, Seat, Source } from '../protocol/messages';
import type { RoomState } from '../room/state';
import { publicationOf } from '../room/selectors';

export interface InRoom {
  session: LessonSession;
  view: SessionView;
  room: RoomState;
}

export const SessionContext = createContext<InRoom | null>(null);

export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.get);
}

export function useRoom(): InRoom {
  const value = useContext(SessionContext);
  if (value === null) throw new Error('useRoom outside a lesson');
  return value;
}

/** The own seat as the room has it. */
export function useOwnSeat(): Seat {
  const { room, session } = useRoom();
  const { seat } = session.joined;
  return (
    room.seats.get(seat.id) ?? { ...seat, connected: true, muted: false, recording_consent: false, video_consent: true, voice_consent: true, hand_at_ms: null }
  );
}

export interface SeatPicture {
  track: MediaStreamTrack | null;
  publication: Publication | null;
}

/** The received picture of a seat's source, if there is one. */
export function useSeatPicture(seat: string, source: Source): SeatPicture {
  const { room, view } = useRoom();
  const received = view.media.find((media) => media.seat === seat && media.source === source);
  return { track: received?.track ?? null, publication: publicationOf(room, seat, source) };
}
