/** What the search found: grouped by kind, each with the address that shows it. Pure. */
import type { Found } from '../protocol/planning';

/** What one looks for most comes first. */
const ORDER = ['lessons', 'courses', 'units', 'users', 'student-groups', 'pairings', 'endpoints', 'organizations'];

export function groupFound(found: readonly Found[]): { kind: string; found: Found[] }[] {
  const kinds = [...ORDER, ...found.map((one) => one.kind).filter((kind) => !ORDER.includes(kind))];
  return [...new Set(kinds)].map((kind) => ({ kind, found: found.filter((one) => one.kind === kind) })).filter((group) => group.found.length > 0);
}

export function addressOfFound({ kind, record_id: id }: Found): string {
  return kind === 'lessons' ? `/timetable?lesson=${encodeURIComponent(id)}` : `/school?kind=${encodeURIComponent(kind)}&record=${encodeURIComponent(id)}`;
}
