/** What a student group's school has agreed to, and every decision before. */
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, may, useCaller } from '../administration/caller';
import { decisionOf, stepsAfter } from '../administration/consents';
import { nameOf } from '../administration/kinds';
import { useLoaded } from '../administration/use-loaded';
import type { Consent, ConsentKind, Decision, PlanningRecord } from '../protocol/planning';
import { CONSENT_KINDS, planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { FormField } from './form-field';
import type { IconName } from './icons';
import { Icon } from './icons';

const SIGNS: Readonly<Record<Decision | 'none', { icon: IconName; chip: string }>> = {
  granted: { icon: 'check', chip: 'chip chip--good' },
  refused: { icon: 'close', chip: 'chip chip--bad' },
  withdrawn: { icon: 'close', chip: 'chip chip--warn' },
  none: { icon: 'warning', chip: 'chip' },
};

export function ConsentDialog({ group, onClose }: { group: PlanningRecord; onClose: () => void }) {
  const { t } = useTranslation();
  const caller = useCaller();
  const { credential, me } = caller;
  const [note, setNote] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const { value, fault: loadFault, reload } = useLoaded(useCallback(() => planning.consents(credential, group.id), [credential, group.id]));

  async function decide(kind: ConsentKind, decision: Decision): Promise<void> {
    try {
      await planning.recordConsent(credential, group.id, kind, decision, note.trim());
      setFault(null);
      setNote('');
    } catch (error) {
      setFault(faultOf(error, caller));
    }
    reload();
  }

  return (
    <Dialog title={t('consents.title', { name: nameOf(group) })} onClose={onClose} isWide>
      <div className="form">
        <p className="soft">{t('consents.body')}</p>
        {value === null && loadFault === null && <p role="status">{t('common.loading')}</p>}
        <ul className="consents">
          {value !== null && CONSENT_KINDS.map((kind) => <Row key={kind} kind={kind} held={decisionOf(value, kind)} onDecide={may(me, 'consents:write') ? decide : null} />)}
        </ul>
        {may(me, 'consents:write') && (
          <FormField label={t('consents.note')} hint={t('consents.noteHint')}>
            {(links) => <input {...links} maxLength={200} value={note} autoComplete="off" onChange={(event) => setNote(event.target.value)} />}
          </FormField>
        )}
        <Fault code={fault ?? loadFault} />
        {value !== null && value.length > 0 && <History history={value} />}
        <div className="dialog__actions">
          <button type="button" className="button" onClick={onClose}>
            {t('common.close')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

interface RowProps {
  kind: ConsentKind;
  held: Consent | null;
  onDecide: ((kind: ConsentKind, decision: Decision) => Promise<void>) | null;
}

function Row({ kind, held, onDecide }: RowProps) {
  const { t } = useTranslation();
  const name = t(`consents.kind.${kind}`);
  return (
    <li data-testid={`consent-${kind}`} data-decision={held?.decision ?? 'none'}>
      <span className="consents__words">
        <strong>{name}</strong>
        <small>{t(`consents.about.${kind}`)}</small>
      </span>
      <DecisionChip decision={held?.decision ?? 'none'} />
      {onDecide !== null && (
        <span className="row-actions">
          {stepsAfter(held?.decision ?? null).map((decision) => (
            <button
              key={decision}
              type="button"
              className="button button--small"
              aria-label={`${t(`consents.do.${decision}`)}: ${name}`}
              data-testid={`${decision}-${kind}`}
              onClick={() => void onDecide(kind, decision)}
            >
              {t(`consents.do.${decision}`)}
            </button>
          ))}
        </span>
      )}
    </li>
  );
}

function DecisionChip({ decision }: { decision: Decision | 'none' }) {
  const { t } = useTranslation();
  const { icon, chip } = SIGNS[decision];
  return (
    <span className={chip}>
      <Icon name={icon} size={16} />
      {t(`consents.decision.${decision}`)}
    </span>
  );
}

function History({ history }: { history: Consent[] }) {
  const { t, i18n } = useTranslation();
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <details>
      <summary>{t('consents.history', { count: history.length })}</summary>
      <ul className="plain-list">
        {history.map((each) => (
          <li key={each.seq}>
            <time dateTime={new Date(each.at_ms).toISOString()}>{date.format(each.at_ms)}</time>
            <span>{t(`consents.kind.${each.kind}`)}</span>
            <DecisionChip decision={each.decision} />
            <span className="soft">{each.note}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
