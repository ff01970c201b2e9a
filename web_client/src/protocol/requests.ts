/** What a client may ask (docs/protocol.md section 4). */
import type { AnswerKind, Phase, RoomSignal } from './board';
import type { Ability, Admission, Block } from './controls';
import type { Measures, Receive } from './links';
import type { Source } from './messages';

type MediaRequest =
  | { type: 'publish'; sdp: string; sources: Record<string, Source>; peer: string | null }
  | { type: 'unpublish'; peer: string }
  | { type: 'publication_enable'; publication: string; enabled: boolean }
  | { type: 'subscribe' }
  | { type: 'subscribe_answer'; peer: string; offer_id: number; sdp: string }
  | { type: 'subscribe_restart'; peer: string };

/** `seat` absent: the own; an assistant names a seat of the own room. */
type FloorRequest =
  | { type: 'floor_request'; seat?: string }
  | { type: 'floor_withdraw'; seat?: string }
  | { type: 'floor_grant'; seat: string }
  | { type: 'floor_revoke'; seat: string }
  | { type: 'stage'; seats: readonly string[] };

type OrderRequest =
  | { type: 'mute'; seat: string }
  | { type: 'unmute'; seat: string }
  | { type: 'mute_all' }
  | { type: 'recording_consent'; granted: boolean; seat?: string }
  | { type: 'live_consent'; video: boolean; voice: boolean; seat?: string }
  | { type: 'lesson_start' }
  | { type: 'lesson_end' }
  | { type: 'lesson_suspend' }
  | { type: 'recording_start' | 'recording_stop' }
  | { type: 'lesson_resume' }
  | { type: 'forbid_all'; forbidden: boolean }
  | { type: 'shut_down' }
  | { type: 'classroom_block'; classroom: string; block: Block | null }
  | { type: 'go_on_locally' }
  | { type: 'admission'; admission: Admission }
  | { type: 'admit'; seat: string }
  | { type: 'refuse'; seat: string }
  | { type: 'remove'; seat: string }
  | { type: 'ban'; seat: string }
  | { type: 'lift_ban'; seat: string }
  | { type: 'ability_grant'; seat: string; ability: Ability; granted: boolean }
  | { type: 'policy'; ability: Ability; allowed: boolean }
  | { type: 'whisper'; seat: string | null }
  | { type: 'listen'; seat: string | null };

type QuestionRequest =
  | { type: 'round_open'; prompt: string; answer: AnswerKind; choices?: readonly string[] }
  | { type: 'round_phase'; round: number; phase: Phase; local_s?: number; seats?: readonly string[] }
  | { type: 'round_ready'; round: number }
  | { type: 'round_answer'; round: number; counts: readonly number[]; seat?: string }
  | { type: 'round_answer'; round: number; text: string; seat?: string }
  | { type: 'round_answer'; round: number; photo: string; seat?: string }
  | { type: 'poll_open'; question: string; choices: readonly string[] }
  | { type: 'poll_answer'; poll: number; counts: readonly number[]; seat?: string }
  | { type: 'poll_close'; poll: number };

type BoardRequest =
  | { type: 'signal'; signal: RoomSignal | null }
  | { type: 'signal_clear'; seat: string }
  | { type: 'marker'; label: string }
  | { type: 'timer'; duration_s: number | null; label?: string }
  | { type: 'pick'; of: 'classroom' }
  | { type: 'pick'; of: 'number'; upto: number }
  | { type: 'slide'; deck: string; page: number }
  | { type: 'slide'; deck: null }
  | { type: 'photos'; photos: readonly string[] }
  | { type: 'ink'; deck: string; page: number; color: string; width: number; points: readonly (readonly [number, number])[] }
  | { type: 'ink_clear'; deck: string; page: number };

type TalkRequest =
  | { type: 'pointer'; x: number | null; y: number | null }
  | { type: 'text'; text: string }
  | { type: 'text_decide'; pending: number; approved: boolean }
  | { type: 'text_private'; seat: string; text: string };

type LinkRequest = ({ type: 'device_check' } & Measures) | { type: 'receive'; picture: Receive; seat?: string };

export type RequestMessage =
  | MediaRequest
  | FloorRequest
  | OrderRequest
  | QuestionRequest
  | BoardRequest
  | TalkRequest
  | LinkRequest
  | { type: 'leave' }
  | { type: 'ping' };
