/** Frames -> `controls` and its events. */
import type { Ban, ControlEvent, Controls, WaitingSeat } from './controls';
import { ADMISSIONS, BLOCKS } from './controls';
import type { Reader } from './reader';
import { ROLES } from './roles';

export function parseControls(reader: Reader): Controls {
  return {
    is_all_forbidden: reader.boolean('is_all_forbidden'),
    admission: reader.oneOf('admission', ADMISSIONS),
    denied: reader.texts('denied'),
    grants: reader.members('grants', (grants, seat) => grants.texts(seat)),
    blocks: reader.members('blocks', (blocks, classroom) => {
      const block = blocks.child(classroom);
      return { block: block.oneOf('block', BLOCKS), by: block.textOrNull('by') };
    }),
    local: reader.texts('local'),
    waiting: reader.list('waiting', parseWaiting),
    bans: reader.list('bans', parseBan),
    whispers: reader.members('whispers', (whispers, seat) => whispers.text(seat)),
    listens: reader.members('listens', (listens, seat) => listens.text(seat)),
  };
}

function parseWaiting(reader: Reader): WaitingSeat {
  return { id: reader.text('id'), ...parsePerson(reader) };
}

function parseBan(reader: Reader): Ban {
  return { seat: reader.text('seat'), ...parsePerson(reader) };
}

function parsePerson(reader: Reader): Omit<WaitingSeat, 'id'> {
  return {
    role: reader.oneOf('role', ROLES),
    name: reader.textOrNull('name') ?? '',
    classroom: reader.textOrNull('classroom'),
  };
}

/** null: another kind of event. */
export function parseControlEvent(reader: Reader, type: string): ControlEvent | null {
  switch (type) {
    case 'all_forbidden':
      return { type, forbidden: reader.boolean('forbidden') };
    case 'classroom_blocked':
      return {
        type,
        classroom: reader.text('classroom'),
        block: reader.oneOfOrNull('block', BLOCKS),
        by: reader.textOrNull('by'),
      };
    case 'classroom_local':
      return { type, classroom: reader.text('classroom'), is_local: reader.boolean('is_local') };
    case 'admission_changed':
      return { type, admission: reader.oneOf('admission', ADMISSIONS) };
    case 'seat_waiting':
      return { type, waiting: parseWaiting(reader.child('waiting')) };
    case 'seat_waiting_ended':
      return { type, seat: reader.text('seat'), reason: reader.text('reason') };
    case 'seat_banned':
      return { type, ban: parseBan(reader.child('ban')) };
    case 'ban_lifted':
      return { type, seat: reader.text('seat') };
    case 'ability_granted':
      return { type, seat: reader.text('seat'), ability: reader.text('ability'), granted: reader.boolean('granted') };
    case 'policy_changed':
      return { type, ability: reader.text('ability'), allowed: reader.boolean('allowed') };
    case 'whisper_changed':
    case 'listening_changed':
      return { type, seat: reader.text('seat'), to: reader.textOrNull('to') };
    default:
      return null;
  }
}
