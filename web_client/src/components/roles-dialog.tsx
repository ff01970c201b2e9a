/** A user's roles, each in an organization and all below it. */
import type { FormEvent } from 'react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import { ROLES_GRANTED, nameOf } from '../administration/kinds';
import { asTree, indented } from '../administration/organizations';
import { useLoaded } from '../administration/use-loaded';
import type { PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';

interface RolesDialogProps {
  user: PlanningRecord;
  organizations: PlanningRecord[];
  onClose: () => void;
  onChanged: () => void;
}

export function RolesDialog({ user, organizations, onClose, onChanged }: RolesDialogProps) {
  const { t } = useTranslation();
  const caller = useCaller();
  const { credential } = caller;
  const grants = useLoaded(useCallback(() => planning.list(credential, 'role-grants', `&user_id=${user.id}`), [credential, user.id]));
  const [fault, setFault] = useState<string | null>(null);

  async function attempt(call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
      setFault(null);
    } catch (error) {
      setFault(faultOf(error, caller));
    }
    grants.reload();
    onChanged();
  }

  function grant(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const draft = { user_id: user.id, role: String(fields.get('role')), organization_id: String(fields.get('organization_id')) };
    void attempt(() => planning.create(credential, 'role-grants', draft));
  }

  return (
    <Dialog title={t('school.rolesOf', { name: nameOf(user) })} onClose={onClose}>
      <p className="soft">{t('school.rolesHint')}</p>
      {grants.value === null && grants.fault === null && <p role="status">{t('common.loading')}</p>}
      {grants.value?.length === 0 && <p>{t('school.noRoles')}</p>}
      <ul className="plain-list">
        {grants.value?.map((each) => {
          const place = organizations.find((organization) => organization.id === each['organization_id']);
          const role = t(`school.choice.role.${String(each['role'])}`);
          return (
            <li key={each.id}>
              <strong>{role}</strong>
              <span className="soft">{place === undefined ? t('school.unseen') : nameOf(place)}</span>
              <button type="button" className="button button--small" aria-label={t('school.takeAwayRole', { role })} onClick={() => void attempt(() => planning.remove(credential, 'role-grants', each.id, '*'))}>
                {t('school.takeAway')}
              </button>
            </li>
          );
        })}
      </ul>
      <form className="form" onSubmit={grant}>
        <div className="field-row">
          <label className="field">
            <span>{t('school.field.role')}</span>
            <select name="role" defaultValue="master">
              {ROLES_GRANTED.map((role) => (
                <option key={role} value={role}>
                  {t(`school.choice.role.${role}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('school.field.organization_id')}</span>
            <select name="organization_id" defaultValue={String(user['organization_id'])}>
              {asTree(organizations).map(({ record, depth }) => (
                <option key={record.id} value={record.id}>
                  {indented(nameOf(record), depth)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Fault code={fault ?? grants.fault} />
        <div className="dialog__actions">
          <button type="button" className="button" onClick={onClose}>
            {t('common.close')}
          </button>
          <button type="submit" className="button button--primary">
            {t('school.grantRole')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
