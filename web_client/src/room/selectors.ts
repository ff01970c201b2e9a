/** Questions the pages ask of the room. */
import type { RoomSignal } from '../protocol/board';
import type { ClassroomBlock } from '../protocol/controls';
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

/** Waiting seats, in the order in which they are due. */
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

/** A member named by an id from the network: what an object inherits is none. */
function member<T>(members: Readonly<Record<string, T>>, id: string | null): T | null {
  return id !== null && Object.hasOwn(members, id) ? (members[id] ?? null) : null;
}

export function blockOf(room: RoomState, classroom: string | null): ClassroomBlock | null {
  return member(room.controls.blocks, classroom);
}

export function hasGrant(room: RoomState, seat: string, ability: string): boolean {
  return member(room.controls.grants, seat)?.includes(ability) ?? false;
}

/** The classroom that this master hears off stage. */
export function listenedBy(room: RoomState, master: string): string | null {
  return member(room.controls.listens, master);
}

/** The assistant whom this master's whisper reaches. */
export function whisperOf(room: RoomState, master: string): string | null {
  return member(room.controls.whispers, master);
}

export interface RaisedSignal {
  seat: Seat;
  signal: RoomSignal;
}

export function signals(room: RoomState): RaisedSignal[] {
  return Object.entries(room.board.signals).flatMap(([id, signal]) => {
    const seat = room.seats.get(id);
    return seat === undefined ? [] : [{ seat, signal }];
  });
}

/** Of the classroom itself, or of its assistant. */
export function signalsOfRoom(room: RoomState, classroom: Seat): RaisedSignal[] {
  return signals(room).filter(
    ({ seat }) => seat.id === classroom.id || (seat.role === 'assistant' && seat.classroom !== null && seat.classroom === classroom.classroom),
  );
}

/** What the master shows of the rooms' work is for the classrooms and their assistants. */
export const seesShownPhotos = (role: Role): boolean => role === 'classroom' || role === 'assistant';

/** Whether a room's photo may be shown to all: not without its consent to be seen, nor while it is stopped. */
export function mayBeShown(room: RoomState, seat: string, classroom: string | null): boolean {
  const isStopped = room.controls.is_all_forbidden || blockOf(room, classroom) !== null;
  return !isStopped && (room.seats.get(seat)?.video_consent ?? true);
}
