import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCaller } from '../administration/caller';
import { codeOf } from '../protocol/errors';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';

export const MINIMUM_PASSWORD = 10;

/** A changed password ends all sessions of the user, this one too. */
export function OwnPasswordDialog({ onClose, onChanged }: { onClose: () => void; onChanged: () => void }) {
  const { t } = useTranslation();
  const { credential } = useCaller();
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function change(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setIsBusy(true);
    try {
      await planning.changePassword(credential, String(fields.get('present')), String(fields.get('password')));
      onChanged();
    } catch (error) {
      setFault(codeOf(error));
      setIsBusy(false);
    }
  }

  return (
    <Dialog title={t('navigation.changePassword')} onClose={onClose}>
      <form className="form" onSubmit={(event) => void change(event)}>
        <label className="field">
          <span>{t('signIn.present')}</span>
          <input name="present" type="password" required autoComplete="current-password" />
        </label>
        <label className="field">
          <span>{t('signIn.chosen')}</span>
          <input name="password" type="password" required minLength={MINIMUM_PASSWORD} maxLength={128} autoComplete="new-password" />
          <small>{t('signIn.chosenHint', { count: MINIMUM_PASSWORD })}</small>
        </label>
        <p className="soft">{t('signIn.endsSessions')}</p>
        {fault === 'sign_in_refused' ? (
          <p className="fault" role="alert">
            {t('signIn.presentWrong')}
          </p>
        ) : (
          <Fault code={fault} />
        )}
        <div className="dialog__actions">
          <button type="button" className="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" className="button button--primary" disabled={isBusy}>
            {t('navigation.changePassword')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
