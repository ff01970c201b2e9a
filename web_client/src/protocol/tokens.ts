/**
 * Invitations, resume keys and the credential of who is signed in: read from the link's fragment, kept in sessionStorage.
 *
 * The fragment is taken out of the address bar at once, so that it is neither shown on a projector nor left in
 * the history; a reload finds the resume key here, and opening the link again brings the invitation again.
 */

export interface KeyStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const CREDENTIAL = 'tandem.credential';

/** `session` is what signing in elsewhere comes back with. */
export function tokenInFragment(fragment: string): string | null {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const token = (parameters.get('token') ?? parameters.get('session'))?.trim();
  return token ? token : null;
}

export class TokenStore {
  constructor(private readonly storage: KeyStorage) {}

  invitation(lesson: string): string | null {
    return this.storage.getItem(`tandem.invitation.${lesson}`);
  }

  resumeKey(lesson: string): string | null {
    return this.storage.getItem(`tandem.resume_key.${lesson}`);
  }

  /** A new invitation may name another seat: the key of the former one goes. */
  keepInvitation(lesson: string, invitation: string): void {
    if (this.invitation(lesson) !== invitation) this.forgetResumeKey(lesson);
    this.storage.setItem(`tandem.invitation.${lesson}`, invitation);
  }

  keepResumeKey(lesson: string, key: string, seat: string): void {
    this.storage.setItem(`tandem.resume_key.${lesson}`, key);
    // Which seat this tab holds, in plain words: for support.
    this.storage.setItem(`tandem.seat.${lesson}`, seat);
  }

  forgetResumeKey(lesson: string): void {
    this.storage.removeItem(`tandem.resume_key.${lesson}`);
  }

  replayToken(resource: string): string | null {
    return this.storage.getItem(`tandem.replay.${resource}`);
  }

  keepReplayToken(resource: string, token: string): void {
    this.storage.setItem(`tandem.replay.${resource}`, token);
  }

  /** Why this tab looks at a recording: asked for once, sent with each request for it. */
  reason(resource: string): string {
    return this.storage.getItem(`tandem.reason.${resource}`) ?? '';
  }

  keepReason(resource: string, reason: string): void {
    this.storage.setItem(`tandem.reason.${resource}`, reason);
  }

  /** A session's token, or the admin key. */
  credential(): string | null {
    return this.storage.getItem(CREDENTIAL);
  }

  keepCredential(credential: string): void {
    this.storage.setItem(CREDENTIAL, credential);
  }

  forgetCredential(): void {
    this.storage.removeItem(CREDENTIAL);
  }
}

const REFUSALS = ['sign_in_refused', 'bad_message', 'unavailable'] as const;

/** Why the school's provider did not sign somebody in; null: it was not asked. */
export function refusalInFragment(fragment: string): (typeof REFUSALS)[number] | 'other' | null {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get('sign-in');
  return code === null ? null : (REFUSALS.find((known) => known === code) ?? 'other');
}

export function takeFragmentRefusal(): ReturnType<typeof refusalInFragment> {
  const refusal = refusalInFragment(window.location.hash);
  if (refusal !== null) window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return refusal;
}

export function takeFragmentToken(): string | null {
  const token = tokenInFragment(window.location.hash);
  if (token !== null) {
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
  }
  return token;
}
