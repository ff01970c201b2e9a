/** Who is signed in, and what that one may do: what is not permitted is not offered. */
import { createContext, useContext } from 'react';
import { codeOf } from '../protocol/errors';
import type { Me } from '../protocol/planning';

export interface Caller {
  credential: string;
  me: Me;
  /** Forgets the credential in this tab; a session also ends at the server. */
  signOut: () => void;
  /** The credential is void: back to the sign-in. */
  refuse: () => void;
}

export const CallerContext = createContext<Caller | null>(null);

export function useCaller(): Caller {
  const caller = useContext(CallerContext);
  if (caller === null) throw new Error('only inside SignedInPage');
  return caller;
}

export function may(me: Me, ability: string): boolean {
  return ability in me.abilities;
}

/** Some abilities of a teacher reach the lessons that name the teacher, and no others. */
export function mayChangeLesson(me: Me, ability: 'lessons:write' | 'lessons:run', lesson: { master_id: string | null }): boolean {
  const reach = me.abilities[ability];
  return reach === 'organization' || (reach !== undefined && lesson.master_id !== null && lesson.master_id === me.user_id);
}

/** The code of what went wrong; with a void credential the page goes back to the sign-in. */
export function faultOf(error: unknown, caller: Caller): string {
  const code = codeOf(error);
  if (code === 'token_invalid' || code === 'token_expired') caller.refuse();
  return code;
}
