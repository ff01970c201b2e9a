/** The values of `tandem.v1` (docs/protocol.md), as this client sees them. */

export const ROLES = ['master', 'classroom', 'assistant', 'student', 'observer'] as const;
export type Role = (typeof ROLES)[number];

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
  started_at_ms: number | null;
  ended_at_ms: number | null;
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
}

export type RoomEvent =
  | { type: 'lesson_state'; state: LessonState; started_at_ms: number | null; ended_at_ms: number | null }
  | { type: 'lesson_interrupted'; state: LessonState }
  | { type: 'seat_joined'; seat: Seat }
  | { type: 'seat_connection'; seat: string; connected: boolean }
  | { type: 'seat_left'; seat: string; reason: LeaveReason }
  | { type: 'publication_added'; publication: Publication }
  | { type: 'publication_changed'; publication: string; enabled: boolean }
  | { type: 'publication_removed'; publication: string }
  /** `position`: in the queue, 0 is next. */
  | { type: 'floor_requested'; seat: string; position: number }
  | { type: 'floor_withdrawn'; seat: string }
  | { type: 'floor_granted'; seat: string }
  | { type: 'floor_revoked'; seat: string }
  | { type: 'seat_muted'; seat: string; muted: boolean }
  | { type: 'consent_changed'; seat: string; recording_consent: boolean }
  | { type: 'recording_state'; policy: string; state: RecordingState; reason: string | null }
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

export type ServerMessage =
  | WelcomeMessage
  | EventMessage
  | EventsMessage
  | { type: 'waiting' }
  /** Of a newer server: nothing that this client needs to know. */
  | { type: 'unknown'; name: string }
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

export type RequestMessage =
  | { type: 'publish'; sdp: string; sources: Record<string, Source>; peer: string | null }
  | { type: 'unpublish'; peer: string }
  | { type: 'publication_enable'; publication: string; enabled: boolean }
  | { type: 'subscribe' }
  | { type: 'subscribe_answer'; peer: string; offer_id: number; sdp: string }
  | { type: 'subscribe_restart'; peer: string }
  | { type: 'floor_request'; seat?: string }
  | { type: 'floor_withdraw'; seat?: string }
  | { type: 'floor_grant'; seat: string }
  | { type: 'floor_revoke'; seat: string }
  | { type: 'mute'; seat: string }
  | { type: 'unmute'; seat: string }
  | { type: 'mute_all' }
  | { type: 'recording_consent'; granted: boolean }
  | { type: 'lesson_start' }
  | { type: 'lesson_end' }
  | { type: 'remove'; seat: string }
  | { type: 'leave' }
  | { type: 'ping' };
