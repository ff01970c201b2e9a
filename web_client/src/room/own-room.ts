/** What an assistant, or a classroom's screen, asks about the own classroom. */
import type { Answer, Poll, Round } from '../protocol/board';
import type { Ban, ClassroomBlock, WaitingSeat } from '../protocol/controls';
import type { Seat } from '../protocol/messages';
import { ownClassroom, seatsOfRole } from './selectors';
import type { RoomState } from './state';

/** This long after the master was lost an assistant may decide (docs/protocol.md section 3). */
export const MASTER_GRACE_MS = 60_000;

const isOf = (classroom: string | null) => (one: { classroom: string | null }) => classroom !== null && one.classroom === classroom;

/** Classroom and student seats of the same classroom: over whom the assistant's power goes, and no further. */
export function ownPeople(room: RoomState, me: Seat): Seat[] {
  return [...room.seats.values()].filter((seat) => (seat.role === 'classroom' || seat.role === 'student') && isOf(me.classroom)(seat));
}

export function ownWaiting(room: RoomState, me: Seat): WaitingSeat[] {
  return room.controls.waiting.filter((one) => (one.role === 'classroom' || one.role === 'student') && isOf(me.classroom)(one));
}

export function ownBans(room: RoomState, me: Seat): Ban[] {
  return room.controls.bans.filter((ban) => (ban.role === 'classroom' || ban.role === 'student') && isOf(me.classroom)(ban));
}

export function ownBlock(room: RoomState, me: Seat): ClassroomBlock | null {
  return me.classroom === null ? null : (room.controls.blocks[me.classroom] ?? null);
}

export function isOnItsOwn(room: RoomState, me: Seat): boolean {
  return me.classroom !== null && room.controls.local.includes(me.classroom);
}

/** Whom an assistant answers for: the classroom's seat while it is there, else the own. */
export function answeringSeat(room: RoomState, me: Seat): string {
  return me.role === 'assistant' ? (ownClassroom(room, me)?.id ?? me.id) : me.id;
}

/** Whether somebody at the classroom's side answers for it. */
export function hasAssistant(room: RoomState, me: Seat): boolean {
  return seatsOfRole(room, 'assistant').some((seat) => seat.connected && isOf(me.classroom)(seat));
}

/** The round that asks something now. */
export function openRound(room: RoomState): Round | null {
  const { round } = room.board;
  return round === null || round.phase === 'closed' ? null : round;
}

export function openPoll(room: RoomState): Poll | null {
  const { poll } = room.board;
  return poll === null || !poll.is_open ? null : poll;
}

export function takesAnswers(round: Round): boolean {
  return round.phase === 'local' || round.phase === 'report';
}

export function isReady(round: Round, me: Seat): boolean {
  return me.classroom !== null && round.ready.includes(me.classroom);
}

export function ownAnswer(answers: readonly Answer[], room: RoomState, me: Seat): Answer | null {
  const seat = answeringSeat(room, me);
  return answers.find((answer) => answer.seat === seat || answer.seat === me.id) ?? null;
}

/** How long the assistant still waits before it may decide; 0: now. */
export function graceLeftMs(room: RoomState, serverNowMs: number): number {
  return Math.max(0, (room.lesson.since_ms ?? 0) + MASTER_GRACE_MS - serverNowMs);
}
