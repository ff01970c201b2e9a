/** Login and password; the school's own provider when there is one; the admin key for who set the server up. */
import type { FormEvent } from 'react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestError, codeOf } from '../protocol/errors';
import { planning } from '../protocol/planning';
import { clockText } from './clock';
import { Icon } from './icons';
import { useNow } from './use-now';

interface SignInFormProps {
  /** Why one has to sign in again. */
  reason: string | null;
  onSignedIn: (credential: string) => void;
}

type Way = 'password' | 'key';

export function SignInForm({ reason, onSignedIn }: SignInFormProps) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way>('password');
  const [hasProvider, setHasProvider] = useState(false);
  useEffect(() => {
    planning.waysToSignIn().then(
      (ways) => setHasProvider(ways.has_provider),
      () => undefined, // The form works without it, and says itself when the server is away.
    );
  }, []);
  return (
    <div className="card sign-in">
      <h1>{t('signIn.title')}</h1>
      {reason !== null && (
        <p className="notice" role="status">
          {t([`signIn.reason.${reason}`, 'signIn.reason.other'])}
        </p>
      )}
      {way === 'password' ? <PasswordForm onSignedIn={onSignedIn} /> : <KeyForm onSignedIn={onSignedIn} />}
      {hasProvider && (
        <a className="button button--large" href="/api/v1/sign-in/oidc">
          <Icon name="door" />
          {t('signIn.provider')}
        </a>
      )}
      <button type="button" className="link-button" data-testid="other-way" onClick={() => setWay(way === 'key' ? 'password' : 'key')}>
        {t(way === 'key' ? 'signIn.withPassword' : 'signIn.withKey')}
      </button>
    </div>
  );
}

function PasswordForm({ onSignedIn }: { onSignedIn: (credential: string) => void }) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<string | null>(null);
  const [lockedUntilMs, setLockedUntilMs] = useState(0);
  const [isBusy, setIsBusy] = useState(false);
  const leftMs = lockedUntilMs - useNow();

  async function signIn(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setIsBusy(true);
    try {
      const { token } = await planning.signIn(String(fields.get('login')), String(fields.get('password')));
      onSignedIn(token);
    } catch (error) {
      const isLocked = error instanceof RequestError && error.code === 'rate_limited';
      if (isLocked) setLockedUntilMs(Date.now() + (error.retryAfterMs ?? 60_000));
      setFault(isLocked ? null : codeOf(error));
      setIsBusy(false);
      form.querySelector<HTMLInputElement>('[name=password]')?.select();
    }
  }

  return (
    <form className="form" onSubmit={(event) => void signIn(event)}>
      <label className="field">
        <span>{t('signIn.login')}</span>
        <input name="login" required maxLength={120} autoComplete="username" autoCapitalize="none" spellCheck={false} data-testid="login" />
      </label>
      <label className="field">
        <span>{t('signIn.password')}</span>
        <input name="password" type="password" required autoComplete="current-password" data-testid="password" />
      </label>
      {leftMs > 0 && (
        <p className="fault" role="alert" data-testid="locked">
          <Icon name="warning" />
          {t('signIn.locked', { time: clockText(leftMs) })}
        </p>
      )}
      <SignInFault code={fault} />
      <button type="submit" className="button button--primary button--large" disabled={isBusy || leftMs > 0} data-testid="sign-in">
        {t('schedule.signIn')}
      </button>
      <p className="soft">{t('signIn.forgotten')}</p>
    </form>
  );
}

function KeyForm({ onSignedIn }: { onSignedIn: (credential: string) => void }) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function signIn(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
    setIsBusy(true);
    try {
      await planning.me(key);
      onSignedIn(key);
    } catch (error) {
      const code = codeOf(error);
      setFault(code.startsWith('token_') || code === 'not_permitted' ? 'key' : code);
      setIsBusy(false);
    }
  }

  return (
    <form className="form" onSubmit={(event) => void signIn(event)}>
      <p className="soft">{t('schedule.signInBody')}</p>
      <label className="field">
        <span>{t('schedule.keyLabel')}</span>
        <input name="key" type="password" required autoComplete="off" data-testid="admin-key" />
      </label>
      <SignInFault code={fault} />
      <button type="submit" className="button button--primary button--large" disabled={isBusy} data-testid="sign-in">
        {t('schedule.signIn')}
      </button>
    </form>
  );
}

function SignInFault({ code }: { code: string | null }) {
  const { t } = useTranslation();
  if (code === null) return null;
  return (
    <p className="fault" role="alert" data-testid="sign-in-fault">
      <Icon name="warning" />
      {code === 'key' ? t('schedule.wrongKey') : t([`error.${code}`, 'error.internal_error'])}
    </p>
  );
}
