/** What is looked for in replays, as the page's address and the server's; where a hit leads. Pure. */
import type { ReplayHit } from '../protocol/replay-search';

export interface Query {
  words: string;
  subject: string;
  grade: string;
  edition: string;
}

const MAXIMUM_CHARACTERS = 80;
const NAMES = { words: 'q', subject: 'subject', grade: 'grade', edition: 'edition' } as const;

export function queryOfAddress(search: string): Query {
  const given = new URLSearchParams(search);
  const text = (name: string): string => (given.get(name) ?? '').trim().slice(0, MAXIMUM_CHARACTERS);
  return { words: text(NAMES.words), subject: text(NAMES.subject), grade: text(NAMES.grade), edition: text(NAMES.edition) };
}

/** Without what is empty: `?q=%E5%88%86%E6%95%B0&grade=3`; empty when nothing is looked for. */
export function searchOfQuery(query: Query): string {
  const given = new URLSearchParams();
  for (const [member, name] of Object.entries(NAMES)) {
    const text = query[member as keyof Query].trim();
    if (text !== '') given.set(name, text);
  }
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}

/** The player, at the hit's moment; the title's is the beginning. */
export function addressOfHit(resource: string, hit: Pick<ReplayHit, 'at_ms'> | null): string {
  const atS = Math.floor((hit?.at_ms ?? 0) / 1000);
  return `/watch/${encodeURIComponent(resource)}${atS > 0 ? `#t=${atS}` : ''}`;
}
