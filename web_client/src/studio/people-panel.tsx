/** Who is here besides the classrooms, who may enter, who may what. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GrantButton } from '../components/grant-button';
import { HandBadge } from '../components/hand-badge';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import type { Ability } from '../protocol/controls';
import { ADMISSIONS } from '../protocol/controls';
import type { Seat } from '../protocol/messages';
import { isOnStage, seatsOfRole } from '../room/selectors';
import { SeatDialog } from './seat-dialog';
import { Segments } from './segments';
import { useNameOf } from './use-seat-name';

export function PeoplePanel() {
  return (
    <div className="tools">
      <People />
      <Entrance />
      <Policies />
      <Removed />
      <Bans />
    </div>
  );
}

function People() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const masters = seatsOfRole(room, 'master').filter((seat) => seat.id !== session.joined.seat.id);
  const people = [...masters, ...(['assistant', 'student', 'observer'] as const).flatMap((role) => seatsOfRole(room, role))];
  return (
    <section aria-labelledby="people-title">
      <h3 id="people-title">
        {t('studio.people')} <small className="count">{people.length}</small>
      </h3>
      {people.length === 0 ? (
        <p className="soft">{t('teach.people.nobody')}</p>
      ) : (
        <ul className="queue">
          {people.map((seat) => (
            <Person key={seat.id} seat={seat} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Person({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const [isOpen, setIsOpen] = useState(false);
  const name = useNameOf()(seat);
  const canSpeak = seat.role !== 'observer' && seat.role !== 'master' && !isOnStage(room, seat.id);
  const states = [t(`role.${seat.role}`), ...(seat.classroom === null ? [] : [seat.classroom]), ...(seat.connected ? [] : [t('tile.disconnected')])];
  return (
    <li className="queue__seat">
      <span className={seat.connected ? 'dot dot--good' : 'dot dot--bad'} aria-hidden="true" />
      <span className="queue__name">
        {name}
        <small>{states.join(' · ')}</small>
      </span>
      <HandBadge seat={seat} />
      {canSpeak && <GrantButton seat={seat} testId={`stage-grant-${seat.id}`} />}
      {seat.role !== 'master' && (
        <button
          type="button"
          className="button button--small button--icon"
          aria-label={t('teach.moreSeat', { name })}
          aria-haspopup="dialog"
          onClick={() => setIsOpen(true)}
        >
          <Icon name="more" size={20} />
        </button>
      )}
      {isOpen && <SeatDialog seat={seat} onClose={() => setIsOpen(false)} />}
    </li>
  );
}

function Entrance() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const { admission } = room.controls;
  return (
    <section>
      <Segments
        legend={t('teach.admission.title')}
        name="admission"
        options={ADMISSIONS.map((value) => ({ value, label: t(`teach.admission.${value}`) }))}
        value={admission}
        onChange={(value) => void session.act({ type: 'admission', admission: value })}
      />
      <p className="soft">{t(`teach.admission.hint.${admission}`)}</p>
    </section>
  );
}

const POLICIES = ['request_floor', 'annotate', 'send_text', 'forward_camera', 'forward_microphone'] as const satisfies readonly Ability[];

function Policies() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  return (
    <fieldset className="policies">
      <legend>{t('teach.policy.title')}</legend>
      {POLICIES.map((ability) => (
        <label key={ability} className="check-field">
          <input
            type="checkbox"
            checked={!room.controls.denied.includes(ability)}
            onChange={(event) => void session.act({ type: 'policy', ability, allowed: event.target.checked })}
          />
          {t(`teach.policy.${ability}`)}
        </label>
      ))}
    </fieldset>
  );
}

function Removed() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useNameOf();
  if (room.removed.length === 0) return null;
  return (
    <section aria-labelledby="removed-title">
      <h3 id="removed-title">{t('teach.removed')}</h3>
      <ul className="queue">
        {room.removed.map((seat) => (
          <li key={seat.id} className="queue__seat">
            <span className="queue__name">
              {nameOf(seat)}
              <small>{t(`role.${seat.role}`)}</small>
            </span>
            <button type="button" className="button button--small" onClick={() => void session.act({ type: 'admit', seat: seat.id })}>
              {t('teach.readmit')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Bans() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useNameOf();
  const { bans } = room.controls;
  if (bans.length === 0) return null;
  return (
    <section aria-labelledby="bans-title">
      <h3 id="bans-title">{t('teach.bans')}</h3>
      <ul className="queue">
        {bans.map((ban) => (
          <li key={ban.seat} className="queue__seat">
            <span className="queue__name">
              {nameOf(ban)}
              <small>{t(`role.${ban.role}`)}</small>
            </span>
            <button type="button" className="button button--small" onClick={() => void session.act({ type: 'lift_ban', seat: ban.seat })}>
              {t('teach.liftBan')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
