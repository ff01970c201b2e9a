import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import { nameOf } from '../administration/kinds';
import type { PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { FormField } from './form-field';
import { Icon } from './icons';
import { MINIMUM_PASSWORD } from './own-password-dialog';

/** Gives a user a password; all sessions of that user end. */
export function PasswordDialog({ user, onClose }: { user: PlanningRecord; onClose: () => void }) {
  const { t } = useTranslation();
  const caller = useCaller();
  const [fault, setFault] = useState<string | null>(null);
  const [isGiven, setIsGiven] = useState(false);

  async function give(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    try {
      await planning.givePassword(caller.credential, user.id, String(new FormData(event.currentTarget).get('password')));
      setIsGiven(true);
    } catch (error) {
      setFault(faultOf(error, caller));
    }
  }

  return (
    <Dialog title={t('school.passwordOf', { name: nameOf(user) })} onClose={onClose}>
      {isGiven ? (
        <p className="notice notice--good" role="status">
          <Icon name="check" />
          {t('school.passwordGiven')}
        </p>
      ) : (
        <form className="form" id="give-password" onSubmit={(event) => void give(event)}>
          <FormField label={t('signIn.chosen')} hint={t('signIn.chosenHint', { count: MINIMUM_PASSWORD })}>
            {(links) => <input {...links} name="password" required minLength={MINIMUM_PASSWORD} maxLength={128} autoComplete="off" spellCheck={false} />}
          </FormField>
          <p className="soft">{t('school.passwordHint')}</p>
          <Fault code={fault} />
        </form>
      )}
      <div className="dialog__actions">
        <button type="button" className="button" onClick={onClose}>
          {t(isGiven ? 'common.close' : 'common.cancel')}
        </button>
        {!isGiven && (
          <button type="submit" form="give-password" className="button button--primary">
            {t('school.givePassword')}
          </button>
        )}
      </div>
    </Dialog>
  );
}
