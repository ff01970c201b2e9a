/** Questions the pages ask of the room. */
import type { Publication, Role, Seat, Source } from '../protocol/messages';
import type { RoomState } from './state';

export function master(room: RoomState): Seat | null {
  return seatsOfRole(room, 'master')[0] ?? null;
}

export function seatsOfRole(room: RoomState, role: Role): Seat[] {
  return [...room.seats.values()].filter((seat) => seat.role === role);
}

/** Seats in a given order that are still in the room. */
export function seatsById(room: RoomState, ids: readonly string[]): Seat[] {
  return ids.flatMap((id) => room.seats.get(id) ?? []);
}

/** Waiting seats, oldest hand first. */
export function hands(room: RoomState): Seat[] {
  return seatsById(room, room.hands);
}

export function stage(room: RoomState): Seat[] {
  return seatsById(room, room.stage);
}

export function isOnStage(room: RoomState, seat: string): boolean {
  return room.stage.includes(seat);
}

/** Whether a master hears this seat though it is not on stage. */
export function isListenedTo(room: RoomState, seat: string): boolean {
  return Object.values(room.controls.listens).includes(seat);
}

export function hasHandUp(room: RoomState, seat: string): boolean {
  return room.hands.includes(seat);
}

export function publicationOf(room: RoomState, seat: string, source: Source): Publication | null {
  for (const publication of room.publications.values()) {
    if (publication.seat === seat && publication.source === source) return publication;
  }
  return null;
}

/** The classroom seat an assistant looks after. */
export function ownClassroom(room: RoomState, assistant: Seat): Seat | null {
  if (assistant.classroom === null) return null;
  return seatsOfRole(room, 'classroom').find((seat) => seat.classroom === assistant.classroom) ?? null;
}
