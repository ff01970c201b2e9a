import { expect, it } from 'vitest';
import { RequestError } from '../protocol/errors';
import type { Clash, LessonPlan, PlanningRecord } from '../protocol/planning';
import { clashesByField, fieldOf } from './lesson-plan';

const PLAN: LessonPlan = {
  title: '分数',
  mode: 'interactive',
  recording_policy: 'off',
  auto_publish: false,
  organization_id: 'org_1',
  course_id: null,
  unit_id: null,
  master_id: 'usr_master',
  room: '录播教室',
  starts_at_ms: 1,
  ends_at_ms: 2,
  pairings: ['pair_1'],
  voice_ptime_ms: 20,
};
const PAIRING: PlanningRecord = { id: 'pair_1', created_at_ms: 0, name: '山顶', assistant_id: 'usr_assistant', endpoint_id: 'end_1', student_group_id: 'grp_1' };

function refusal(...taken: [Clash['kind'], string][]): RequestError {
  const clashes = taken.map(([kind, what]) => ({ kind, what, title: '语文', starts_at_ms: 1, ends_at_ms: 2 }));
  return new RequestError('timetable_clash', '', null, { clashes });
}

it.each([
  ['teacher', 'usr_master', 'master_id', null, null],
  ['teacher', 'usr_assistant', 'pairings', '山顶', 'assistant'],
  ['room', 'org_1/录播教室', 'room', null, null],
  ['device', 'end_1', 'pairings', '山顶', 'device'],
  ['student group', 'grp_1', 'pairings', '山顶', 'student group'],
  ['device', 'end_unseen', 'pairings', null, 'device'],
] as const)('a clash of %s %s stands at %s', (kind, what, field, classroom, part) => {
  expect(clashesByField(refusal([kind, what]), PLAN, [PAIRING])).toMatchObject([[{ field, classroom, part, clash: { title: '语文' } }]]);
});

it('what one lesson has of a classroom stands together', () => {
  const found = clashesByField(refusal(['device', 'end_1'], ['room', 'org_1/x'], ['student group', 'grp_1']), PLAN, [PAIRING]);
  expect(found.map((group) => group.map((one) => one.part))).toEqual([['device', 'student group'], [null]]);
});

it('other refusals clash with nothing', () => {
  expect(clashesByField(new RequestError('unavailable', ''), PLAN, [])).toEqual([]);
  expect(clashesByField(new Error('x'), PLAN, [])).toEqual([]);
});

it.each([
  ['bad_message', '', { field: 'title' }, 'title'],
  ['bad_message', '', { field: 'starts_at_ms' }, 'time'],
  ['bad_message', '', { field: 'pairings.3' }, 'pairings'],
  ['bad_message', '', { field: 'unheard' }, null],
  ['reference_unknown', 'course_id: there is no such record', {}, 'course_id'],
  ['not_permitted', 'title: no', {}, null],
] as const)('%s %s %j is about %s', (code, detail, members, field) => {
  expect(fieldOf(new RequestError(code, detail, null, members))).toBe(field);
});
