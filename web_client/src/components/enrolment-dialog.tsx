/** A device's way in: a code that is typed into it once; and its key made void when it is lost. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import { nameOf } from '../administration/kinds';
import type { PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { clockText } from './clock';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { Icon } from './icons';
import { ShownOnce } from './shown-once';
import { useNow } from './use-now';

export function EnrolmentDialog({ endpoint, onClose }: { endpoint: PlanningRecord; onClose: () => void }) {
  const { t } = useTranslation();
  const caller = useCaller();
  const { credential } = caller;
  const [code, setCode] = useState<{ text: string; endsAtMs: number } | null>(null);
  const [isVoid, setIsVoid] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const leftMs = (code?.endsAtMs ?? 0) - useNow();

  async function attempt(call: () => Promise<void>): Promise<void> {
    try {
      await call();
      setFault(null);
    } catch (error) {
      setFault(faultOf(error, caller));
    }
  }

  const enrol = (): Promise<void> =>
    attempt(async () => {
      const made = await planning.enrolment(credential, endpoint.id);
      setIsVoid(false);
      setCode({ text: made.code ?? '', endsAtMs: made.expires_at_ms ?? 0 });
    });
  const makeVoid = (): Promise<void> =>
    attempt(async () => {
      await planning.voidKey(credential, endpoint.id);
      setCode(null);
      setIsAsking(false);
      setIsVoid(true);
    });

  return (
    <Dialog title={t('school.enrolTitle', { name: nameOf(endpoint) })} onClose={onClose}>
      <div className="form">
        <p className="soft">{t('school.enrolBody')}</p>
        {code !== null && leftMs > 0 && <ShownOnce secret={code.text} hint={t('school.enrolHint', { time: clockText(leftMs) })} />}
        {code !== null && leftMs <= 0 && <p className="notice">{t('school.enrolOver')}</p>}
        {isVoid && (
          <p className="notice notice--good" role="status">
            <Icon name="check" />
            {t('school.keyVoid')}
          </p>
        )}
        <Fault code={fault} />
        {isAsking && (
          <div className="notice">
            <p>{t('school.voidBody')}</p>
            <div className="row-actions">
              <button type="button" className="button" onClick={() => setIsAsking(false)}>
                {t('common.cancel')}
              </button>
              <button type="button" className="button button--danger-solid" onClick={() => void makeVoid()} data-testid="confirm-void">
                {t('school.voidKey')}
              </button>
            </div>
          </div>
        )}
        <div className="dialog__actions">
          {!isAsking && (
            <button type="button" className="button button--danger dialog__apart" onClick={() => setIsAsking(true)}>
              {t('school.voidKey')}
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            {t('common.close')}
          </button>
          <button type="button" className="button button--primary" onClick={() => void enrol()} data-testid="make-code">
            {t(code === null ? 'school.makeCode' : 'school.newCode')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
