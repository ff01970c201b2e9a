/** Whose rights a report is read with: who is signed in, else the seat that this tab has (or had) in the lesson. */
import { takeFragmentToken } from '../protocol/tokens';
import { tokenStore } from '../pages/token-store';

export function reportToken(lesson: string): string | null {
  const handed = takeFragmentToken();
  if (handed !== null) {
    if (isInvitation(handed)) tokenStore.keepInvitation(lesson, handed);
    else tokenStore.keepCredential(handed);
  }
  return tokenStore.credential() ?? tokenStore.resumeKey(lesson) ?? tokenStore.invitation(lesson);
}

/** Invitations are JWTs; sessions and keys are not. */
function isInvitation(token: string): boolean {
  return token.split('.').length === 3;
}
