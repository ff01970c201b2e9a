import { useTranslation } from 'react-i18next';
import { HandBadge } from '../components/hand-badge';
import { MuteButton } from '../components/mute-button';
import { useOwnSeat, useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';
import { ownBans, ownPeople, ownWaiting } from '../room/own-room';
import { isOnStage } from '../room/selectors';

/** Who waits for the own room, who is in it, who is banned from it; and what an assistant may do about each. */
export function RoomPeople() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const waiting = ownWaiting(room, me);
  const bans = ownBans(room, me);
  const people = ownPeople(room, me);
  return (
    <>
      {waiting.length > 0 && (
        <div className="panel-group">
          <h3>{t('panel.waiting', { count: waiting.length })}</h3>
          <ul className="queue">
            {waiting.map((one) => (
              <li key={one.id} className="queue__seat">
                <span className="queue__name">
                  {one.name || t(`role.${one.role}`)}
                  <small>{t(`role.${one.role}`)}</small>
                </span>
                <button type="button" className="button button--small button--primary" data-testid={`admit-${one.id}`} onClick={() => void session.act({ type: 'admit', seat: one.id })}>
                  {t('panel.admit')}
                </button>
                <button type="button" className="button button--small" onClick={() => void session.act({ type: 'refuse', seat: one.id })}>
                  {t('panel.refuse')}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="panel-group">
        <h3>{t('panel.people', { count: people.length })}</h3>
        <ul className="queue">
          {people.map((seat) => (
            <Person key={seat.id} seat={seat} />
          ))}
        </ul>
      </div>
      {bans.length > 0 && (
        <div className="panel-group">
          <h3>{t('panel.bans', { count: bans.length })}</h3>
          <ul className="queue">
            {bans.map((ban) => (
              <li key={ban.seat} className="queue__seat">
                <span className="queue__name">{ban.name || t(`role.${ban.role}`)}</span>
                <button type="button" className="button button--small" onClick={() => void session.act({ type: 'lift_ban', seat: ban.seat })}>
                  {t('panel.liftBan')}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Person({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const name = seat.name || t(`role.${seat.role}`);
  const states = [t(`role.${seat.role}`), t(seat.connected ? 'tile.connected' : 'tile.disconnected'), ...(isOnStage(room, seat.id) ? [t('studio.isOnStage')] : [])];
  return (
    <li className="queue__seat queue__seat--acts">
      <span className={seat.connected ? 'dot dot--good' : 'dot dot--bad'} aria-hidden="true" />
      <span className="queue__name">
        {name}
        <small>{states.join(' · ')}</small>
      </span>
      <HandBadge seat={seat} />
      <span className="button-row">
        <MuteButton seat={seat} />
        <button type="button" className="button button--small" aria-label={t('panel.removeSeat', { name })} onClick={() => void session.act({ type: 'remove', seat: seat.id })}>
          {t('panel.remove')}
        </button>
        <button
          type="button"
          className="button button--small button--danger"
          aria-label={t('panel.banSeat', { name })}
          onClick={() => void session.act({ type: 'ban', seat: seat.id })}
        >
          {t('panel.ban')}
        </button>
      </span>
    </li>
  );
}
