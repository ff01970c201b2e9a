/** What this client knows of the room; built from a snapshot, changed by events alone. */
import type { Board } from '../protocol/board';
import type { Controls } from '../protocol/controls';
import type { Links } from '../protocol/links';
import type { LessonFacts, Publication, Recording, Seat, Snapshot } from '../protocol/messages';

export interface RoomState {
  epoch: string;
  /** Number of the last event applied. */
  seq: number;
  lesson: LessonFacts;
  recording: Recording;
  /** In order of arrival. */
  seats: ReadonlyMap<string, Seat>;
  publications: ReadonlyMap<string, Publication>;
  /** Seats that have the floor besides the master, in order of the grants. */
  stage: readonly string[];
  /** Seats that wait with a raised hand, in the order in which they are due. */
  hands: readonly string[];
  controls: Controls;
  board: Board;
  links: Links;
  /** Who was removed since this page knows the room: a snapshot does not tell of it. */
  removed: readonly Seat[];
}

export function roomFromSnapshot(epoch: string, seq: number, snapshot: Snapshot): RoomState {
  return {
    epoch,
    seq,
    lesson: snapshot.lesson,
    recording: snapshot.recording,
    seats: new Map(snapshot.seats.map((seat) => [seat.id, seat])),
    publications: new Map(snapshot.publications.map((publication) => [publication.id, publication])),
    stage: snapshot.stage,
    hands: snapshot.hands,
    controls: snapshot.controls,
    board: snapshot.board,
    links: snapshot.links,
    removed: [],
  };
}
