/** Who may enter and what is stopped: `controls` of the snapshot, and the events that change it. */
import type { Role } from './roles';

export const ADMISSIONS = ['open', 'waiting', 'locked'] as const;
export type Admission = (typeof ADMISSIONS)[number];

export const BLOCKS = ['paused', 'forbidden', 'shut_down'] as const;
export type Block = (typeof BLOCKS)[number];

/** What the pages grant, allow or deny; others of docs/protocol.md section 4 are nothing that a page changes. */
export const ABILITIES = [
  'request_floor',
  'be_granted_floor',
  'forward_camera',
  'forward_microphone',
  'publish_screen',
  'annotate',
  'send_text',
  'see_wall',
] as const;
export type Ability = (typeof ABILITIES)[number];

export interface WaitingSeat {
  id: string;
  role: Role;
  name: string;
  classroom: string | null;
}

export interface Ban {
  seat: string;
  role: Role;
  classroom: string | null;
  name: string;
}

export interface ClassroomBlock {
  block: Block;
  /** null: an administrator. */
  by: string | null;
}

export interface Controls {
  is_all_forbidden: boolean;
  admission: Admission;
  /** Abilities that nobody but masters and administrators has now. */
  denied: readonly string[];
  /** Abilities by the seat that they were granted to. */
  grants: Readonly<Record<string, readonly string[]>>;
  blocks: Readonly<Record<string, ClassroomBlock>>;
  /** Classrooms that go on by themselves while the master is lost. */
  local: readonly string[];
  waiting: readonly WaitingSeat[];
  bans: readonly Ban[];
  /** Whom a master's whisper reaches, by the master's seat. */
  whispers: Readonly<Record<string, string>>;
  /** Which classroom a master hears off stage, by the master's seat. */
  listens: Readonly<Record<string, string>>;
}

export type ControlEvent =
  | { type: 'all_forbidden'; forbidden: boolean }
  | { type: 'classroom_blocked'; classroom: string; block: Block | null; by: string | null }
  | { type: 'classroom_local'; classroom: string; is_local: boolean }
  | { type: 'admission_changed'; admission: Admission }
  | { type: 'seat_waiting'; waiting: WaitingSeat }
  | { type: 'seat_waiting_ended'; seat: string; reason: string }
  | { type: 'seat_banned'; ban: Ban }
  | { type: 'ban_lifted'; seat: string }
  | { type: 'ability_granted'; seat: string; ability: string; granted: boolean }
  | { type: 'policy_changed'; ability: string; allowed: boolean }
  | { type: 'whisper_changed'; seat: string; to: string | null }
  | { type: 'listening_changed'; seat: string; to: string | null };

/** Complete: a kind that is missing here does not compile. */
const KINDS: Record<ControlEvent['type'], true> = {
  all_forbidden: true,
  classroom_blocked: true,
  classroom_local: true,
  admission_changed: true,
  seat_waiting: true,
  seat_waiting_ended: true,
  seat_banned: true,
  ban_lifted: true,
  ability_granted: true,
  policy_changed: true,
  whisper_changed: true,
  listening_changed: true,
};

export function isControlEvent<T extends { type: string }>(event: T | ControlEvent): event is ControlEvent {
  return Object.hasOwn(KINDS, event.type);
}
