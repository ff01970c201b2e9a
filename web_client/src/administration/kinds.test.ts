import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import type { FieldDescription } from './kinds';
import { KINDS, draftOf, isFound, nameOf, referred, referredBy, valueOf } from './kinds';

const kind = (name: string) => KINDS.find((each) => each.kind === name)!;

describe('a form becomes a draft', () => {
  it('of every field, empty ones as null, numbers as numbers', () => {
    const form = new FormData();
    form.set('title', '  认识分数 ');
    form.set('course_id', 'crs_1');
    form.set('node', '');
    form.set('week', '');
    expect(draftOf(kind('units'), form)).toEqual({ title: '认识分数', course_id: 'crs_1', node: '', week: null });
    form.set('week', '12');
    expect(draftOf(kind('units'), form)['week']).toBe(12);
  });

  it('with a box that is ticked or not', () => {
    const form = new FormData();
    expect(draftOf(kind('users'), form)['is_disabled']).toBe(false);
    expect(draftOf(kind('users'), form)).not.toHaveProperty('roles');
    form.set('is_disabled', 'on');
    expect(draftOf(kind('users'), form)['is_disabled']).toBe(true);
  });

  it.each([
    ['3;4', [3, 4]],
    ['3；4、 5,5', [3, 4, 5]],
    ['', []],
    ['three', [Number.NaN]],
  ])('grades %s are %j', (given, grades) => {
    expect(valueOf({ name: 'grade_levels', type: 'grades' }, given)).toEqual(grades);
  });

  it('an end is the end of its day', () => {
    const end = valueOf({ name: 'expires_at_ms', type: 'end' }, '2026-12-31') as number;
    expect(new Date(end + 1000).getTime() - end).toBe(1000);
    expect([new Date(end).getDate(), new Date(end).getHours()]).toEqual([31, 23]);
  });
});

it('a reference is looked up in the directory', () => {
  const field: FieldDescription = { name: 'course_id', type: 'reference', kind: 'courses' };
  const course = { id: 'crs_1', created_at_ms: 0, title: '数学' };
  expect(nameOf(referred(field, 'crs_1', { courses: [course] })!)).toBe('数学');
  expect(referred(field, 'crs_2', { courses: [course] })).toBeUndefined();
  expect(referredBy(kind('pairings'))).toEqual(['student-groups', 'endpoints', 'users', 'organizations']);
});

it('a search folds width and case and wants every word', () => {
  expect(isFound(['云岭小学', 'LIN.mei'], 'ｌｉｎ 云岭')).toBe(true);
  expect(isFound(['云岭小学', 'LIN.mei'], 'lin 石桥')).toBe(false);
  expect(isFound(['x'], '')).toBe(true);
});

it('every kind and field has its words', () => {
  const words: { kind: Record<string, string>; field: Record<string, string>; choice: Record<string, Record<string, string>> } = en.school;
  for (const { kind: name, fields } of KINDS) {
    expect(words.kind[name], name).toBeDefined();
    for (const field of fields) {
      expect(words.field[field.name], field.name).toBeDefined();
      if (field.type === 'choice') for (const option of field.options) expect(words.choice[field.name]?.[option], option).toBeDefined();
    }
  }
});
