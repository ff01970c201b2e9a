import { expect, it } from 'vitest';
import { templateOf } from './csv';

const TABLES = ['timetable', 'users', 'student-groups'] as const;

it.each(TABLES.flatMap((table) => [[table, 'zh'] as const, [table, 'en'] as const]))('the template of %s in %s has a cell for each column', (table, language) => {
  const text = templateOf(table, language);
  expect(text.startsWith('\ufeff')).toBe(true);
  const [head, line, rest] = text.slice(1).split('\r\n');
  expect(rest).toBe('');
  expect(line?.split(',').length).toBe(head?.split(',').length);
  expect(/[a-z]/.test(head ?? '')).toBe(language === 'en');
});
