/** What is asked, shown, signalled and written: `board` of the snapshot, and the events that change it. */

export const PHASES = ['prompt', 'local', 'report', 'stage', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

export const ANSWER_KINDS = ['count', 'choice', 'text', 'photo'] as const;
export type AnswerKind = (typeof ANSWER_KINDS)[number];

export const ROOM_SIGNALS = ['too_fast', 'cannot_hear', 'not_ready', 'fault', 'done'] as const;
export type RoomSignal = (typeof ROOM_SIGNALS)[number];

/** Bounds of docs/protocol.md section 4. */
export const MAX_PROMPT = 500;
export const MAX_LABEL = 80;
export const MIN_CHOICES = 2;
export const MAX_CHOICES = 8;
/** So many texts the room keeps. */
export const KEPT_TEXTS = 50;
/** So many are shown side by side. */
export const MAX_SHOWN_PHOTOS = 4;

export interface Answer {
  seat: string;
  classroom: string | null;
  counts: readonly number[];
  text: string | null;
  /** The id of a picture that master and own room may see, and all rooms while the master shows it. */
  photo: string | null;
}

export interface Round {
  id: number;
  prompt: string;
  answer: AnswerKind;
  choices: readonly string[];
  phase: Phase;
  local_until_ms: number | null;
  ready: readonly string[];
  answers: readonly Answer[];
  tally: readonly number[];
}

export interface Poll {
  id: number;
  question: string;
  choices: readonly string[];
  answers: readonly Answer[];
  tally: readonly number[];
  is_open: boolean;
}

export interface Marker {
  id: number;
  at_ms: number;
  label: string;
}

export interface Timer {
  ends_at_ms: number;
  duration_ms: number;
  label: string;
}

/** A classroom with its seat, or a number from 1 to `of`. */
export interface Pick {
  classroom: string | null;
  seat: string | null;
  number: number | null;
  of: number;
}

/** A slide deck whose page images can be fetched. */
export interface Deck {
  id: string;
  title: string;
  page_count: number;
}

export interface Slide {
  deck: string;
  page: number;
}

/** One stroke, in ten-thousandths of the page. */
export interface Ink {
  id: number;
  seat: string;
  deck: string;
  page: number;
  color: string;
  width: number;
  points: readonly (readonly [number, number])[];
}

/** A room's answer that the master shows to all rooms. */
export interface ShownPhoto {
  photo: string;
  seat: string;
  classroom: string | null;
}

export interface Text {
  id: number;
  /** null: an administrator's notice. */
  seat: string | null;
  text: string;
}

export interface Board {
  round: Round | null;
  poll: Poll | null;
  signals: Readonly<Record<string, RoomSignal>>;
  markers: readonly Marker[];
  timer: Timer | null;
  pick: Pick | null;
  decks: readonly Deck[];
  slide: Slide | null;
  ink: readonly Ink[];
  photos: readonly ShownPhoto[];
  texts: readonly Text[];
}

export type BoardEvent =
  | { type: 'round_opened'; round: Round }
  | { type: 'round_phase'; round: number; phase: Phase; local_until_ms: number | null }
  | { type: 'round_ready'; round: number; classroom: string }
  | { type: 'round_answered'; round: number; answer: Answer; tally: readonly number[] }
  | { type: 'poll_opened'; poll: Poll }
  | { type: 'poll_answered'; poll: number; answer: Answer; tally: readonly number[] }
  | { type: 'poll_closed'; poll: number }
  | { type: 'signal_raised'; seat: string; signal: RoomSignal | null }
  | { type: 'marker_set'; marker: Marker }
  | { type: 'timer_set'; timer: Timer | null }
  | { type: 'picked'; pick: Pick }
  | { type: 'deck_ready'; deck: Deck }
  | { type: 'deck_removed'; deck: string }
  | { type: 'slide_shown'; slide: Slide | null }
  | { type: 'ink_added'; ink: Ink }
  | { type: 'ink_cleared'; deck: string; page: number }
  | { type: 'photos_shown'; photos: readonly ShownPhoto[] }
  | { type: 'text_posted'; text: Text };

/** Complete: a kind that is missing here does not compile. */
const KINDS: Record<BoardEvent['type'], true> = {
  round_opened: true,
  round_phase: true,
  round_ready: true,
  round_answered: true,
  poll_opened: true,
  poll_answered: true,
  poll_closed: true,
  signal_raised: true,
  marker_set: true,
  timer_set: true,
  picked: true,
  deck_ready: true,
  deck_removed: true,
  slide_shown: true,
  ink_added: true,
  ink_cleared: true,
  photos_shown: true,
  text_posted: true,
};

export function isBoardEvent<T extends { type: string }>(event: T | BoardEvent): event is BoardEvent {
  return Object.hasOwn(KINDS, event.type);
}
