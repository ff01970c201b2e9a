import { expect, it } from 'vitest';
import { parseRoute } from './routes';

it.each([
  ['/', { page: 'schedule' }],
  ['/timetable', { page: 'timetable' }],
  ['/school/', { page: 'school' }],
  ['/school/users', { page: 'not_found' }],
  ['/teach/les_a2', { page: 'lesson', lesson: 'les_a2' }],
  ['/observe/les_a2/', { page: 'lesson', lesson: 'les_a2' }],
  ['/watch/res_a2', { page: 'watch', resource: 'res_a2' }],
  ['/reports', { page: 'reports' }],
  ['/reports/les_a2', { page: 'report', lesson: 'les_a2' }],
  ['/teach', { page: 'not_found' }],
  ['/teach/a/b', { page: 'not_found' }],
  ['/teach/%2e%2e', { page: 'not_found' }],
  ['/review/res_a2', { page: 'review', resource: 'res_a2' }],
])('%s', (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});
