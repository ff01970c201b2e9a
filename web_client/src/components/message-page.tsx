import type { ReactNode } from 'react';
import { LanguageSwitch } from './language-switch';
import { Mark } from './icons';

/** A calm page that says one thing and offers what to do. */
export function MessagePage({ title, children, theme }: { title: string; children: ReactNode; theme?: 'board' }) {
  return (
    <main className="message-page" data-theme={theme}>
      <div className="message-page__corner">
        <LanguageSwitch />
      </div>
      <Mark size={56} />
      <h1>{title}</h1>
      {children}
    </main>
  );
}
