import type { FormEvent } from 'react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import { useLoaded } from '../administration/use-loaded';
import type { PlannedLesson } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';

const MODES = ['interactive', 'broadcast'] as const;
const POLICIES = ['master_only', 'stage', 'off'] as const;

interface NewLessonDialogProps {
  onClose: () => void;
  onCreated: (lesson: PlannedLesson) => void;
}

/** A lesson without a time, for now: the timetable plans the others. */
export function NewLessonDialog({ onClose, onCreated }: NewLessonDialogProps) {
  const { t } = useTranslation();
  const caller = useCaller();
  const { credential, me } = caller;
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const organizations = useLoaded(useCallback(() => planning.list(credential, 'organizations'), [credential]));

  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setIsBusy(true);
    try {
      const lesson = await planning.createLesson(credential, {
        title: String(fields.get('title') ?? '').trim(),
        mode: String(fields.get('mode')),
        recording_policy: String(fields.get('policy')),
        auto_publish: fields.get('auto_publish') !== null,
        organization_id: String(fields.get('organization') ?? '') || null,
        course_id: null,
        unit_id: null,
        // A teacher plans the own lessons alone.
        master_id: me.abilities['lessons:write'] === 'organization' ? null : me.user_id,
        room: null,
        starts_at_ms: null,
        ends_at_ms: null,
        pairings: [],
        voice_ptime_ms: 20,
        state: 'scheduled',
      });
      onCreated(lesson);
    } catch (error) {
      setFault(faultOf(error, caller));
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
        {(organizations.value ?? []).length > 0 && (
          <label className="field">
            <span>{t('school.field.organization_id')}</span>
            <select name="organization">
              {organizations.value?.map((each) => (
                <option key={each.id} value={each.id}>
                  {String(each['name'])}
                </option>
              ))}
            </select>
          </label>
        )}
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
        <Fault code={fault ?? organizations.fault} />
        <div className="dialog__actions">
          <button type="button" className="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button
            type="submit"
            className="button button--primary"
            disabled={isBusy || organizations.value === null}
            data-testid="create-lesson"
          >
            {t('schedule.createConfirm')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
