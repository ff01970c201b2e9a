import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../components/dialog';

interface ConfirmProps {
  title: string;
  body: string;
  action: string;
  onClose: () => void;
}

export function ConfirmDialog({ title, body, action, onClose, onConfirm }: ConfirmProps & { onConfirm: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{body}</p>
      <div className="dialog__actions">
        <button type="button" className="button button--quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
        <button type="button" className="button button--lamp" data-testid="confirm" onClick={onConfirm}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}

/** What cannot be undone is done for a reason, which is kept. */
export function ReasonDialog({ title, body, action, onClose, onGiven }: ConfirmProps & { onGiven: (reason: string) => void }) {
  const { t } = useTranslation();
  function give(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
    if (reason !== '') onGiven(reason);
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{body}</p>
      <form onSubmit={give} className="review__reason">
        <label className="field">
          <span>{t('review.reason')}</span>
          <input name="reason" required maxLength={80} data-testid="withdraw-reason" />
        </label>
        <div className="dialog__actions">
          <button type="button" className="button button--quiet" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" className="button button--danger-solid" data-testid="confirm">
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
