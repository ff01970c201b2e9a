import { useTranslation } from 'react-i18next';
import type { Role } from '../protocol/messages';
import { Dialog } from './dialog';
import { InvitationForm } from './invitation-form';

interface InvitationDialogProps {
  lesson: string;
  title: string;
  /** The role that is chosen at first. */
  firstRole: Role;
  takeToken: () => Promise<string>;
  onClose: () => void;
}

/** Makes links for further seats; used by the master in the studio and by the admin on the schedule. */
export function InvitationDialog({ lesson, title, firstRole, takeToken, onClose }: InvitationDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('schedule.linksTitle', { title })} onClose={onClose} isWide>
      <p className="soft">{t('schedule.linksBody')}</p>
      <InvitationForm lesson={lesson} firstRole={firstRole} takeToken={takeToken} />
      <div className="dialog__actions">
        <button type="button" className="button" onClick={onClose}>
          {t('common.close')}
        </button>
      </div>
    </Dialog>
  );
}
