import { expect, it } from 'vitest';
import type { Me, Reach } from '../protocol/planning';
import { may, mayChangeLesson } from './caller';

function who(user: string | null, abilities: Record<string, Reach>): Me {
  return { user_id: user, login: '', name: '', roles: [], abilities };
}

it('offers what the roles give and nothing else', () => {
  const observer = who('usr_a', { 'lessons:read': 'organization' });
  expect(may(observer, 'lessons:read')).toBe(true);
  expect(may(observer, 'lessons:write')).toBe(false);
});

it.each([
  ['organization', 'usr_b', true],
  ['organization', null, true],
  ['lessons taught', 'usr_a', true],
  ['lessons taught', 'usr_b', false],
  ['lessons taught', null, false],
] as const)('with reach %s the lesson of %s: %s', (reach, master, expected) => {
  expect(mayChangeLesson(who('usr_a', { 'lessons:write': reach }), 'lessons:write', { master_id: master })).toBe(expected);
});

it('gives a key without a user no lesson that has no teacher', () => {
  expect(mayChangeLesson(who(null, { 'lessons:run': 'lessons taught' }), 'lessons:run', { master_id: null })).toBe(false);
});
