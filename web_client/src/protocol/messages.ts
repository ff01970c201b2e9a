/** The values of `tandem.v1` (docs/protocol.md), as this client sees them. */
import type { Board, BoardEvent, Text } from './board';
import type { ControlEvent, Controls } from './controls';
import type { LinkEvent, Links } from './links';
import type { Role } from './roles';

export type { RequestMessage } from './requests';
export { ROLES } from './roles';
export type { Role } from './roles';

export const SOURCES = ['camera', 'microphone', 'screen', 'screen_audio', 'whisper'] as const;
export type Source = (typeof SOURCES)[number];

export const LESSON_STATES = ['lobby', 'live', 'suspended', 'master_lost', 'ended'] as const;
export type LessonState = (typeof LESSON_STATES)[number];

export const RECORDING_STATES = ['off', 'recording', 'paused', 'failed'] as const;
export type RecordingState = (typeof RECORDING_STATES)[number];

export const LEAVE_REASONS = ['left', 'timeout', 'removed', 'banned', 'shut_down', 'ended_locally'] as const;
export type LeaveReason = (typeof LEAVE_REASONS)[number];

export type MediaKind = 'audio' | 'video';

export interface LessonFacts {
  id: string;
  title: string;
  mode: string;
  state: LessonState;
  /** When this state began. */
  since_ms: number | null;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  /** Of an end: null, `shut_down`, `master_lost`. */
  reason: string | null;
}

export interface Recording {
  policy: string;
  state: RecordingState;
  reason: string | null;
}

export interface Seat {
  id: string;
  role: Role;
  name: string;
  classroom: string | null;
  connected: boolean;
  muted: boolean;
  recording_consent: boolean;
  /** Without it the server drops the seat's picture, or voice. */
  video_consent: boolean;
  voice_consent: boolean;
  hand_at_ms: number | null;
}

export interface Publication {
  id: string;
  seat: string;
  kind: MediaKind;
  source: Source;
  codec: string;
  enabled: boolean;
}

export interface Snapshot {
  lesson: LessonFacts;
  recording: Recording;
  seats: Seat[];
  publications: Publication[];
  stage: string[];
  hands: string[];
  controls: Controls;
  board: Board;
  links: Links;
}

/** What is sent, and who has the floor. */
export type MediaEvent =
  | { type: 'publication_added'; publication: Publication }
  | { type: 'publication_changed'; publication: string; enabled: boolean }
  | { type: 'publication_removed'; publication: string }
  /** `position`: in the queue, 0 is next. */
  | { type: 'floor_requested'; seat: string; position: number }
  | { type: 'floor_withdrawn'; seat: string }
  | { type: 'floor_granted'; seat: string }
  | { type: 'floor_revoked'; seat: string };

export type RoomEvent =
  | { type: 'lesson_state'; state: LessonState; started_at_ms: number | null; ended_at_ms: number | null; reason: string | null }
  | { type: 'lesson_interrupted'; state: LessonState }
  | { type: 'seat_joined'; seat: Seat }
  | { type: 'seat_connection'; seat: string; connected: boolean }
  | { type: 'seat_left'; seat: string; reason: LeaveReason }
  | { type: 'seat_readmitted'; seat: string }
  | MediaEvent
  | { type: 'seat_muted'; seat: string; muted: boolean }
  | { type: 'consent_decided'; seat: string }
  | { type: 'consent_changed'; seat: string; recording_consent: boolean }
  | { type: 'live_consent_changed'; seat: string; video: boolean; voice: boolean }
  | { type: 'recording_state'; policy: string; state: RecordingState; reason: string | null }
  | ControlEvent
  | BoardEvent
  | LinkEvent
  /** An event of a newer server: it takes its number and changes nothing. */
  | { type: 'unknown'; name: string };

export interface Section {
  mid: string;
  publication: string;
  seat: string;
  source: Source;
  kind: MediaKind;
}

export interface Level {
  publication: string;
  level_dbov: number;
}

export interface WelcomeMessage {
  type: 'welcome';
  seat: string;
  role: Role;
  epoch: string;
  seq: number;
  resumed: boolean;
  permissions: string[];
  server_time_ms: number;
  heartbeat_s: number;
  /** This seat's peer connections that the server still has. */
  peers: string[];
  snapshot: Snapshot | null;
}

export interface EventMessage {
  type: 'event';
  epoch: string;
  seq: number;
  at_ms: number;
  event: RoomEvent;
}

export interface EventsMessage {
  type: 'events';
  events: EventMessage[];
}

export interface SubscribeOfferMessage {
  type: 'subscribe_offer';
  peer: string;
  offer_id: number;
  sdp: string;
  sections: Section[];
}

export interface PeerClosedMessage {
  type: 'peer_closed';
  peer: string;
  reason: string;
}

export interface EncodingsWantedMessage {
  type: 'encodings_wanted';
  peer: string;
  publication: string;
  mid: string;
  rids: string[];
}

/** Not numbered: where somebody points on the slide, in ten-thousandths; both null: nowhere. */
export interface PointerMessage {
  type: 'pointer';
  seat: string;
  x: number | null;
  y: number | null;
}

/** Between master and assistant; the server keeps it nowhere. */
export interface PrivateText {
  seat: string;
  to: string;
  text: string;
}

export type ServerMessage =
  | WelcomeMessage
  | EventMessage
  | EventsMessage
  | { type: 'waiting' }
  | PointerMessage
  | { type: 'text_pending'; text: Text }
  | { type: 'text_decided'; id: number; approved: boolean }
  | ({ type: 'text_private' } & PrivateText)
  | SubscribeOfferMessage
  | PeerClosedMessage
  | EncodingsWantedMessage
  | { type: 'levels'; levels: Level[] }
  | { type: 'result'; id: string; body: Record<string, unknown> }
  | { type: 'error'; id: string | null; code: string; message: string };

export interface EventPosition {
  epoch: string;
  seq: number;
}

export type Hello =
  | { access_token: string; resume?: EventPosition }
  | { resume_key: string; resume?: EventPosition };
