/** A token for the REST face from a page that sits in a lesson for longer than an access token lives. */
import { codeOf } from '../protocol/errors';
import { joinLesson } from './join-lesson';
import { tokenStore } from './token-store';

const FRESH_MS = 8 * 60_000;
const known = new Map<string, { token: string; atMs: number }>();

export function keepAccessToken(lesson: string, token: string): void {
  known.set(lesson, { token, atMs: Date.now() });
}

/** The access token while it is fresh, else a new one; after the end of the lesson whatever this tab still holds. */
export async function restToken(lesson: string): Promise<string> {
  const held = known.get(lesson);
  if (held !== undefined && Date.now() - held.atMs < FRESH_MS) return held.token;
  try {
    const answer = await joinLesson(lesson);
    keepAccessToken(lesson, answer.access_token);
    return answer.access_token;
  } catch (error) {
    if (codeOf(error) !== 'lesson_ended') throw error;
    const last = tokenStore.resumeKey(lesson) ?? tokenStore.invitation(lesson) ?? tokenStore.credential();
    if (last === null) throw error;
    return last;
  }
}
