import { RequestError } from '../protocol/errors';
import type { JoinAnswer } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { tokenStore } from './token-store';

/** Joins with the resume key of this tab, else with the invitation; keeps the new resume key. */
export async function joinLesson(lesson: string): Promise<JoinAnswer> {
  const invitation = tokenStore.invitation(lesson);
  const resumeKey = tokenStore.resumeKey(lesson);
  const credentials = [resumeKey, invitation].filter((token) => token !== null);
  let refusal = new RequestError('no_invitation', 'no token in the link');
  for (const token of credentials) {
    try {
      const answer = await rest.join(lesson, token);
      tokenStore.keepResumeKey(lesson, answer.resume_key, answer.seat.id);
      return answer;
    } catch (error) {
      refusal = error instanceof RequestError ? error : new RequestError('internal_error', String(error));
      if (!['token_invalid', 'token_expired'].includes(refusal.code)) break;
    }
  }
  throw refusal;
}
