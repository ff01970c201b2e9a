import { expect, it } from 'vitest';
import { addressOfFound, groupFound } from './found';

const one = (kind: string, id: string) => ({ kind, record_id: id, text: id });

it('puts lessons first, keeps the order within a kind, and loses no kind it does not know', () => {
  const groups = groupFound([one('users', 'usr_1'), one('maps', 'map_1'), one('lessons', 'les_2'), one('users', 'usr_2'), one('lessons', 'les_1')]);
  expect(groups.map((group) => [group.kind, group.found.map((each) => each.record_id)])).toEqual([
    ['lessons', ['les_2', 'les_1']],
    ['users', ['usr_1', 'usr_2']],
    ['maps', ['map_1']],
  ]);
});

it('leads to the page that shows it', () => {
  expect(addressOfFound(one('lessons', 'les_1'))).toBe('/timetable?lesson=les_1');
  expect(addressOfFound(one('student-groups', 'grp_1'))).toBe('/school?kind=student-groups&record=grp_1');
});
