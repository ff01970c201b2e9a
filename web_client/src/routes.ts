/** Which page an address names. Pure; the server answers every page path with the same document. */

export type Route =
  | { page: 'schedule' }
  | { page: 'timetable' }
  | { page: 'school' }
  | { page: 'lesson'; lesson: string }
  | { page: 'watch'; resource: string }
  | { page: 'review'; resource: string }
  | { page: 'reports' }
  | { page: 'replays' }
  | { page: 'report'; lesson: string }
  | { page: 'not_found' };

const LESSON_PAGES = ['teach', 'classroom', 'assist', 'join', 'observe'];
const IDENTIFIER = /^[A-Za-z0-9_-]{1,64}$/;

export function parseRoute(path: string): Route {
  const [page, id, ...rest] = path.split('/').filter((part) => part !== '');
  if (page === undefined) return { page: 'schedule' };
  if (page === 'reports' && id === undefined) return { page: 'reports' };
  if (id === undefined && (page === 'timetable' || page === 'school' || page === 'replays')) return { page };
  if (id === undefined || rest.length > 0 || !IDENTIFIER.test(id)) return { page: 'not_found' };
  if (LESSON_PAGES.includes(page)) return { page: 'lesson', lesson: id };
  if (page === 'watch' || page === 'review') return { page, resource: id };
  if (page === 'reports') return { page: 'report', lesson: id };
  return { page: 'not_found' };
}
