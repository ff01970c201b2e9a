/** Schedule and administration: the key once, then the lessons. */
import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, Mark } from '../components/icons';
import { LanguageSwitch } from '../components/language-switch';
import { LessonList } from '../components/lesson-list';
import { codeOf } from '../protocol/errors';
import { rest } from '../protocol/rest';
import { takeFragmentToken } from '../protocol/tokens';
import { tokenStore } from './token-store';

function initialKey(): string | null {
  const handed = takeFragmentToken();
  if (handed !== null) tokenStore.keepAdminKey(handed);
  return tokenStore.adminKey();
}

export function SchedulePage() {
  const { t } = useTranslation();
  const [adminKey, setAdminKey] = useState(initialKey);
  function signOut(): void {
    tokenStore.forgetAdminKey();
    setAdminKey(null);
  }
  return (
    <div className="schedule">
      <header className="schedule__head">
        <Mark size={38} />
        <strong>Tandem</strong>
        <span className="schedule__tagline">{t('brand.tagline')}</span>
        <span className="top-bar__gap" />
        <LanguageSwitch />
        {adminKey !== null && (
          <a className="button button--quiet" href="/reports">
            <Icon name="chart" />
            {t('report.listTitle')}
          </a>
        )}
        {adminKey !== null && (
          <button type="button" className="button button--quiet" onClick={signOut}>
            <Icon name="door" />
            {t('schedule.signOut')}
          </button>
        )}
      </header>
      <main className="schedule__main">
        {adminKey === null ? <SignIn onSignedIn={setAdminKey} /> : <LessonList adminKey={adminKey} onKeyRefused={signOut} />}
      </main>
    </div>
  );
}

function SignIn({ onSignedIn }: { onSignedIn: (key: string) => void }) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function signIn(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
    setIsBusy(true);
    try {
      await rest.lessons(key);
      tokenStore.keepAdminKey(key);
      onSignedIn(key);
    } catch (error) {
      const code = codeOf(error);
      const isWrong = code.startsWith('token_') || code === 'not_permitted';
      setFault(isWrong ? t('schedule.wrongKey') : t([`error.${code}`, 'error.internal_error']));
      setIsBusy(false);
    }
  }

  return (
    <form className="card sign-in" onSubmit={(event) => void signIn(event)}>
      <h1>{t('schedule.signInTitle')}</h1>
      <p className="soft">{t('schedule.signInBody')}</p>
      <label className="field">
        <span>{t('schedule.keyLabel')}</span>
        <input name="key" type="password" required autoComplete="current-password" data-testid="admin-key" />
      </label>
      {fault !== null && (
        <p className="fault" role="alert">
          <Icon name="warning" />
          {fault}
        </p>
      )}
      <button type="submit" className="button button--primary button--large" disabled={isBusy} data-testid="sign-in">
        {t('schedule.signIn')}
      </button>
    </form>
  );
}
