/** Makes, changes or deletes a record of any kind. What somebody else changed meanwhile is not overwritten. */
import type { FormEvent } from 'react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import type { Directory, KindDescription } from '../administration/kinds';
import { draftOf, isGiven, nameOf } from '../administration/kinds';
import { useLoaded } from '../administration/use-loaded';
import { RequestError } from '../protocol/errors';
import type { PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { RecordField } from './record-field';
import { ShownOnce } from './shown-once';

interface RecordDialogProps {
  description: KindDescription;
  /** Null: a new one. */
  id: string | null;
  directory: Directory;
  /** Where a new record is proposed to belong. */
  organization: string;
  onClose: () => void;
  onChanged: () => void;
}

interface Refusal {
  code: string;
  field: string | null;
}

/** The field that a refusal is about; a login that exists is the one thing of a user that can. */
function refusalOf(error: unknown, code: string, kind: string): Refusal {
  if (!(error instanceof RequestError)) return { code, field: null };
  const named = String(error.members['field'] ?? '').split('.')[0] || (code === 'reference_unknown' ? error.message.split(':')[0] : '');
  return { code, field: named || (code === 'already_exists' && kind === 'users' ? 'login' : null) };
}

export function RecordDialog({ description, id, directory, organization, onClose, onChanged }: RecordDialogProps) {
  const { t } = useTranslation();
  const caller = useCaller();
  const { credential } = caller;
  const { kind } = description;
  const fields = description.fields.filter(isGiven);
  const isReadAgain = id !== null && description.isChanged !== false;
  const listed = directory[kind]?.find((record) => record.id === id) ?? null;
  const load = useCallback(
    () => (isReadAgain ? planning.read(credential, kind, id) : Promise.resolve({ body: listed, etag: '*', next: null })),
    [credential, kind, id, isReadAgain, listed],
  );
  const { value, fault, reload } = useLoaded<{ body: PlanningRecord | null; etag: string }>(load);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [isDeleting, setIsDeleting] = useState(id !== null && description.isChanged === false);
  const [secret, setSecret] = useState<string | null>(null);

  async function attempt(call: (etag: string) => Promise<string | null>): Promise<void> {
    setIsBusy(true);
    try {
      const shown = await call(value?.etag ?? '*');
      onChanged();
      if (shown === null) onClose();
      else setSecret(shown);
    } catch (error) {
      setRefusal(refusalOf(error, faultOf(error, caller), kind));
    } finally {
      setIsBusy(false);
    }
  }

  function save(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const draft = draftOf(description, new FormData(event.currentTarget));
    void attempt(async (etag) => {
      if (id !== null) {
        await planning.replace(credential, kind, id, draft, etag);
        return null;
      }
      return (await planning.create(credential, kind, draft)).key ?? null;
    });
  }

  function remove(): void {
    void attempt(async (etag) => {
      if (id !== null) await planning.remove(credential, kind, id, etag);
      return null;
    });
  }

  const record = value?.body ?? null;
  const name = record === null ? '' : nameOf(record);
  const title = id === null ? t(`school.newOf.${kind}`) : isDeleting ? t('school.deleteTitle', { name }) : name;
  if (secret !== null) {
    return (
      <Dialog title={t('school.keyTitle')} onClose={onClose}>
        <ShownOnce secret={secret} hint={t('school.keyHint')} />
        <CloseRow onClose={onClose} />
      </Dialog>
    );
  }
  const isFieldShown = refusal?.field !== null && fields.some((field) => field.name === refusal?.field);
  return (
    <Dialog title={title} onClose={onClose}>
      {value === null && fault === null && <p role="status">{t('common.loading')}</p>}
      <Fault code={fault} />
      {value !== null && isDeleting && (
        <>
          <p>{t('school.deleteBody')}</p>
          <Refused refusal={refusal} onReload={() => { setRefusal(null); reload(); }} />
          <div className="dialog__actions">
            <button type="button" className="button" onClick={description.isChanged === false ? onClose : () => setIsDeleting(false)}>
              {t('common.cancel')}
            </button>
            <button type="button" className="button button--danger-solid" disabled={isBusy} onClick={remove} data-testid="confirm-delete">
              {t('school.delete')}
            </button>
          </div>
        </>
      )}
      {value !== null && !isDeleting && (
        <form className="form" key={value.etag} onSubmit={save}>
          {fields.map((field) => (
            <RecordField
              key={field.name}
              field={field}
              kind={kind}
              record={record}
              directory={directory}
              organization={organization}
              fault={refusal !== null && refusal.field === field.name ? t([`school.fieldFault.${field.name}`, `school.fieldFault.${refusal.code}`, 'timetable.fieldWrong']) : undefined}
            />
          ))}
          <Refused refusal={isFieldShown ? null : refusal} onReload={() => { setRefusal(null); reload(); }} />
          <div className="dialog__actions">
            {id !== null && (
              <button type="button" className="button button--danger dialog__apart" onClick={() => { setRefusal(null); setIsDeleting(true); }}>
                {t('school.delete')}
              </button>
            )}
            <button type="button" className="button" onClick={onClose}>
              {t('common.cancel')}
            </button>
            <button type="submit" className="button button--primary" disabled={isBusy} data-testid="save-record">
              {t('school.save')}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function CloseRow({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="dialog__actions">
      <button type="button" className="button button--primary" onClick={onClose}>
        {t('common.close')}
      </button>
    </div>
  );
}

function Refused({ refusal, onReload }: { refusal: Refusal | null; onReload: () => void }) {
  const { t } = useTranslation();
  if (refusal?.code !== 'precondition_failed') return <Fault code={refusal?.code ?? null} />;
  return (
    <div className="fault" role="alert" data-testid="outdated">
      <span>{t('school.outdated')}</span>
      <button type="button" className="button button--small" onClick={onReload}>
        {t('school.reload')}
      </button>
    </div>
  );
}
