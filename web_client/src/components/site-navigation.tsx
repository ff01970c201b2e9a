/** Head of all pages for people who plan: where to go, search, who is signed in. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useCaller } from '../administration/caller';
import { Icon, Mark } from './icons';
import { LanguageSwitch } from './language-switch';
import { OwnPasswordDialog } from './own-password-dialog';
import { SearchBox } from './search-box';

export type SitePage = 'lessons' | 'timetable' | 'school' | 'replays' | 'reports';

/** A page is offered to who has one of its abilities. */
const ENTRIES: { page: SitePage; path: string; abilities: string[] }[] = [
  { page: 'lessons', path: '/', abilities: ['lessons:read'] },
  { page: 'timetable', path: '/timetable', abilities: ['lessons:read'] },
  { page: 'school', path: '/school', abilities: ['users:read', 'student-groups:read', 'courses:read'] },
  { page: 'replays', path: '/replays', abilities: ['resources:read'] },
  { page: 'reports', path: '/reports', abilities: ['lessons:read'] },
];

export function SiteNavigation({ page, onPasswordChanged }: { page: SitePage; onPasswordChanged: () => void }) {
  const { t } = useTranslation();
  const { me, signOut } = useCaller();
  const [isChanging, setIsChanging] = useState(false);
  const entries = ENTRIES.filter((entry) => entry.abilities.some((ability) => may(me, ability)));
  return (
    <header className="site__head">
      <a className="site__skip" href="#main">
        {t('navigation.skip')}
      </a>
      <span className="site__brand">
        <Mark size={36} />
        <span className="site__name">Tandem</span>
      </span>
      <nav className="site__pages" aria-label={t('navigation.pages')}>
        {entries.map((entry) => (
          <a key={entry.page} href={entry.path} aria-current={entry.page === page ? 'page' : undefined}>
            {t(`navigation.${entry.page}`)}
          </a>
        ))}
      </nav>
      <span className="top-bar__gap" />
      {may(me, 'search:read') && <SearchBox />}
      <details className="account">
        <summary className="button button--quiet" data-testid="account">
          <Icon name="people" />
          <span>{me.name === '' ? t('navigation.keyHolder') : me.name}</span>
        </summary>
        <div className="account__menu card">
          <LanguageSwitch />
          {me.user_id !== null && (
            <button type="button" className="button button--quiet" onClick={() => setIsChanging(true)}>
              {t('navigation.changePassword')}
            </button>
          )}
          <button type="button" className="button button--quiet" data-testid="sign-out" onClick={signOut}>
            <Icon name="door" />
            {t('schedule.signOut')}
          </button>
        </div>
      </details>
      {isChanging && <OwnPasswordDialog onClose={() => setIsChanging(false)} onChanged={onPasswordChanged} />}
    </header>
  );
}
