/** The frame of every page for people who plan: sign-in first, then head, navigation and the page itself. */
import type { ReactNode } from 'react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallerContext } from '../administration/caller';
import { tokenStore } from '../pages/token-store';
import { codeOf } from '../protocol/errors';
import type { Me } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { takeFragmentRefusal, takeFragmentToken } from '../protocol/tokens';
import { Fault, TryAgain } from './fault';
import { Mark } from './icons';
import { LanguageSwitch } from './language-switch';
import { SignInForm } from './sign-in-form';
import type { SitePage } from './site-navigation';
import { SiteNavigation } from './site-navigation';

type SignedIn =
  | { status: 'out'; reason: string | null }
  | { status: 'checking'; credential: string }
  | { status: 'failed'; credential: string; code: string }
  | { status: 'in'; credential: string; me: Me };

function initial(): SignedIn {
  const refusal = takeFragmentRefusal();
  if (refusal !== null) return { status: 'out', reason: `provider_${refusal}` };
  const handed = takeFragmentToken();
  if (handed !== null) tokenStore.keepCredential(handed);
  const credential = tokenStore.credential();
  return credential === null ? { status: 'out', reason: null } : { status: 'checking', credential };
}

export function SignedInPage({ page, children }: { page: SitePage; children: ReactNode }) {
  const [state, setState] = useState<SignedIn>(initial);
  const credential = state.status === 'checking' ? state.credential : null;
  const leave = useCallback((reason: string | null) => {
    tokenStore.forgetCredential();
    setState({ status: 'out', reason });
  }, []);
  useEffect(() => {
    if (credential === null) return;
    let isGone = false;
    planning.me(credential).then(
      (me) => {
        if (!isGone) setState({ status: 'in', credential, me });
      },
      (error: unknown) => {
        if (isGone) return;
        const code = codeOf(error);
        if (code.startsWith('token_') || code === 'not_permitted') leave('expired');
        else setState({ status: 'failed', credential, code });
      },
    );
    return () => {
      isGone = true;
    };
  }, [credential, leave]);
  const caller = useMemo(() => {
    if (state.status !== 'in') return null;
    return {
      credential: state.credential,
      me: state.me,
      refuse: () => leave('expired'),
      signOut: () => {
        if (state.me.user_id !== null) planning.signOut(state.credential).catch(() => undefined);
        leave(null);
      },
    };
  }, [state, leave]);

  if (caller !== null) {
    return (
      <CallerContext value={caller}>
        <div className="site">
          <SiteNavigation page={page} onPasswordChanged={() => leave('password_changed')} />
          <main className="site__main" id="main" tabIndex={-1}>
            {children}
          </main>
        </div>
      </CallerContext>
    );
  }
  return (
    <Outside>
      {state.status === 'out' && (
        <SignInForm
          reason={state.reason}
          onSignedIn={(token) => {
            tokenStore.keepCredential(token);
            setState({ status: 'checking', credential: token });
          }}
        />
      )}
      {state.status === 'checking' && <Checking />}
      {state.status === 'failed' && (
        <Fault code={state.code}>
          <TryAgain onClick={() => setState({ status: 'checking', credential: state.credential })} />
        </Fault>
      )}
    </Outside>
  );
}

function Outside({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="site">
      <header className="site__head">
        <span className="site__brand">
          <Mark size={36} />
          <span className="site__name">Tandem</span>
        </span>
        <span className="soft">{t('brand.tagline')}</span>
        <span className="top-bar__gap" />
        <LanguageSwitch />
      </header>
      <main className="site__main">{children}</main>
    </div>
  );
}

function Checking() {
  const { t } = useTranslation();
  return (
    <p role="status" className="soft">
      {t('common.loading')}
    </p>
  );
}
