import { expect, it } from 'vitest';
import type { PlanningRecord } from '../protocol/planning';
import { asTree, homeOf } from './organizations';

const one = (id: string, parent: string | null = null): PlanningRecord => ({ id, created_at_ms: 0, parent_id: parent, name: id });
const RECORDS = [one('county'), one('point', 'school'), one('school', 'county'), one('other', 'county'), one('stray', 'unseen')];

it('puts each below its parent, and what has none that one may see at the top', () => {
  expect(asTree(RECORDS).map(({ record, depth }) => [record.id, depth])).toEqual([
    ['county', 0],
    ['school', 1],
    ['point', 2],
    ['other', 1],
    ['stray', 0],
  ]);
});

it('begins where the first role holds', () => {
  const me = { user_id: 'usr_a', login: '', name: '', abilities: {}, roles: [{ role: 'master', path: '/county/school/' }] };
  expect(homeOf(me, RECORDS)?.id).toBe('school');
  expect(homeOf({ ...me, roles: [] }, RECORDS)?.id).toBe('county');
  expect(homeOf(me, [])).toBeNull();
});
