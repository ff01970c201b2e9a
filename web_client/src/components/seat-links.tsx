/** The link of each planned seat, made on demand: opening one again gives the same seat. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import type { PlannedSeat } from '../protocol/planning';
import { rest } from '../protocol/rest';
import { CopyButton } from './copy-button';
import { Fault } from './fault';
import { Icon } from './icons';
import { InvitationForm } from './invitation-form';

export function SeatLinks({ lesson, seats }: { lesson: string; seats: PlannedSeat[] }) {
  const { t } = useTranslation();
  const caller = useCaller();
  const [links, setLinks] = useState<ReadonlyMap<string, string>>(new Map());
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const planned = seats.filter((seat) => seat.role === 'master' || seat.pairing_id !== null);

  async function make(wanted: PlannedSeat[]): Promise<void> {
    setIsBusy(true);
    setFault(null);
    try {
      for (const seat of wanted) {
        const invitation = await rest.invite(lesson, caller.credential, {
          role: seat.role,
          ...(seat.classroom === null ? {} : { classroom: seat.classroom }),
        });
        setLinks((before) => new Map(before).set(seat.id, new URL(invitation.url, window.location.origin).href));
      }
    } catch (error) {
      setFault(faultOf(error, caller));
    } finally {
      setIsBusy(false);
    }
  }

  const missing = planned.filter((seat) => !links.has(seat.id));
  return (
    <section className="seat-links">
      <div className="section-head">
        <h3>{t('schedule.links')}</h3>
        {missing.length > 0 && (
          <button type="button" className="button button--small" disabled={isBusy} onClick={() => void make(missing)} data-testid="make-links">
            <Icon name="link" size={20} />
            {t('timetable.makeLinks')}
          </button>
        )}
      </div>
      <p className="soft">{t('schedule.linksBody')}</p>
      <Fault code={fault} />
      <ul className="made-links">
        {planned.map((seat) => (
          <li key={seat.id}>
            <span>
              <strong>{seat.name}</strong>
              <small>{t(`role.${seat.role}`)}</small>
            </span>
            <code>{links.get(seat.id) ?? '—'}</code>
            {links.has(seat.id) && <CopyButton text={links.get(seat.id) ?? ''} />}
          </li>
        ))}
      </ul>
      <details>
        <summary>{t('timetable.otherLinks')}</summary>
        <InvitationForm lesson={lesson} firstRole="observer" takeToken={() => Promise.resolve(caller.credential)} />
      </details>
    </section>
  );
}
