/** What one does with some kinds beside changing them. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useCaller } from '../administration/caller';
import type { Directory } from '../administration/kinds';
import { nameOf } from '../administration/kinds';
import type { PlanningRecord } from '../protocol/planning';
import { ConsentDialog } from './consent-dialog';
import { EnrolmentDialog } from './enrolment-dialog';
import type { IconName } from './icons';
import { Icon } from './icons';
import { PasswordDialog } from './password-dialog';
import { RolesDialog } from './roles-dialog';

type What = 'roles' | 'password' | 'consents' | 'enrol';

const ACTIONS: Readonly<Record<string, readonly { what: What; icon: IconName; ability: string }[]>> = {
  users: [
    { what: 'roles', icon: 'people', ability: 'role-grants:write' },
    { what: 'password', icon: 'key', ability: 'users:write' },
  ],
  'student-groups': [{ what: 'consents', icon: 'check', ability: 'consents:read' }],
  endpoints: [{ what: 'enrol', icon: 'key', ability: 'endpoints:write' }],
};

interface RecordActionsProps {
  kind: string;
  record: PlanningRecord;
  directory: Directory;
  onChanged: () => void;
}

export function RecordActions({ kind, record, directory, onChanged }: RecordActionsProps) {
  const { t } = useTranslation();
  const { me } = useCaller();
  const [open, setOpen] = useState<What | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      {(ACTIONS[kind] ?? [])
        .filter((action) => may(me, action.ability))
        .map(({ what, icon }) => (
          <button
            key={what}
            type="button"
            className="button button--small"
            aria-label={`${t(`school.action.${what}`)}: ${nameOf(record)}`}
            data-testid={`${what}-${record.id}`}
            onClick={() => setOpen(what)}
          >
            <Icon name={icon} size={18} />
            {t(`school.action.${what}`)}
          </button>
        ))}
      {open === 'roles' && <RolesDialog user={record} organizations={[...(directory['organizations'] ?? [])]} onClose={close} onChanged={onChanged} />}
      {open === 'password' && <PasswordDialog user={record} onClose={close} />}
      {open === 'consents' && <ConsentDialog group={record} onClose={close} />}
      {open === 'enrol' && <EnrolmentDialog endpoint={record} onClose={close} />}
    </>
  );
}
