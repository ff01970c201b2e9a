import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../protocol/errors';
import type { Role } from '../protocol/messages';
import { ROLES } from '../protocol/messages';
import { rest } from '../protocol/rest';
import { CopyButton } from './copy-button';

interface MadeLink {
  role: Role;
  name: string;
  url: string;
}

interface InvitationFormProps {
  lesson: string;
  firstRole: Role;
  takeToken: () => Promise<string>;
}

export function InvitationForm({ lesson, firstRole, takeToken }: InvitationFormProps) {
  const { t } = useTranslation();
  const [role, setRole] = useState<Role>(firstRole);
  const [made, setMade] = useState<MadeLink[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const belongsToRoom = role === 'classroom' || role === 'assistant' || role === 'student';

  async function make(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const name = String(fields.get('name') ?? '').trim();
    const classroom = String(fields.get('classroom') ?? '').trim();
    setIsBusy(true);
    try {
      const answer = await rest.invite(lesson, await takeToken(), {
        role,
        ...(name === '' ? {} : { name }),
        ...(belongsToRoom && classroom !== '' ? { classroom } : {}),
      });
      setMade((links) => [{ role, name, url: new URL(answer.url, window.location.origin).href }, ...links]);
      setFault(null);
      form.reset();
      // One teacher, then the rooms.
      if (role === 'master') setRole('classroom');
    } catch (error) {
      setFault(codeOf(error));
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <form className="invitation" onSubmit={(event) => void make(event)}>
      <div className="invitation__fields">
        <label className="field">
          <span>{t('schedule.linkRole')}</span>
          <select value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {ROLES.map((option) => (
              <option key={option} value={option}>
                {t(`role.${option}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('schedule.linkName')}</span>
          <input name="name" maxLength={64} autoComplete="off" />
        </label>
        {belongsToRoom && (
          <label className="field">
            <span>{t('schedule.linkClassroom')}</span>
            <input name="classroom" maxLength={32} autoComplete="off" />
            <small>{t('schedule.linkClassroomHint')}</small>
          </label>
        )}
      </div>
      <button type="submit" className="button button--primary" disabled={isBusy}>
        {t('schedule.makeLink')}
      </button>
      {fault !== null && (
        <p className="fault" role="alert">
          {t([`error.${fault}`, 'error.internal_error'])}
        </p>
      )}
      {made.length > 0 && <MadeLinks links={made} />}
    </form>
  );
}

function MadeLinks({ links }: { links: MadeLink[] }) {
  const { t } = useTranslation();
  return (
    <section aria-live="polite">
      <h3>{t('schedule.made')}</h3>
      <ul className="made-links">
        {links.map((link) => (
          <li key={link.url}>
            <span>
              <strong>{link.name || t(`role.${link.role}`)}</strong>
              <small>{t(`role.${link.role}`)}</small>
            </span>
            <code>{link.url}</code>
            <CopyButton text={link.url} />
          </li>
        ))}
      </ul>
    </section>
  );
}
