import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../protocol/errors';
import type { Lesson } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { Dialog } from './dialog';

const MODES = ['interactive', 'broadcast'] as const;
const POLICIES = ['master_only', 'stage', 'off'] as const;

interface NewLessonDialogProps {
  adminKey: string;
  onClose: () => void;
  onCreated: (lesson: Lesson) => void;
}

export function NewLessonDialog({ adminKey, onClose, onCreated }: NewLessonDialogProps) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setIsBusy(true);
    try {
      const lesson = await rest.createLesson(adminKey, {
        title: String(fields.get('title') ?? '').trim(),
        mode: String(fields.get('mode')),
        recording_policy: String(fields.get('policy')),
        auto_publish: fields.get('auto_publish') !== null,
      });
      onCreated(lesson);
    } catch (error) {
      setFault(codeOf(error));
      setIsBusy(false);
    }
  }

  return (
    <Dialog title={t('schedule.createTitle')} onClose={onClose}>
      <form className="form" onSubmit={(event) => void create(event)}>
        <label className="field">
          <span>{t('schedule.name')}</span>
          <input name="title" required maxLength={120} placeholder={t('schedule.namePlaceholder')} autoComplete="off" data-testid="lesson-title" />
        </label>
        <label className="field">
          <span>{t('schedule.mode')}</span>
          <select name="mode">
            {MODES.map((mode) => (
              <option key={mode} value={mode}>
                {t(`schedule.modes.${mode}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('schedule.policy')}</span>
          <select name="policy">
            {POLICIES.map((policy) => (
              <option key={policy} value={policy}>
                {t(`schedule.policies.${policy}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="check-field">
          <input type="checkbox" name="auto_publish" />
          <span>{t('schedule.autoPublish')}</span>
        </label>
        {fault !== null && (
          <p className="fault" role="alert">
            {t([`error.${fault}`, 'error.internal_error'])}
          </p>
        )}
        <div className="dialog__actions">
          <button type="button" className="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="submit" className="button button--primary" disabled={isBusy} data-testid="create-lesson">
            {t('schedule.createConfirm')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
