import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { stage } from '../room/selectors';
import { Icon } from '../components/icons';
import { MuteButton } from '../components/mute-button';
import { PictureTile } from '../components/picture-tile';
import { useRoom } from '../components/session-context';
import { ConsentMark } from './consent-mark';
import { StatusStrip } from './status-strip';

export function StageStrip() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const seats = stage(room);
  return (
    <section className="stage" aria-labelledby="stage-title">
      <div className="section-head stage__head">
        <h2 id="stage-title" className="section-title">
          <Icon name="stage" />
          {t('studio.stage')}
          <small>{t('studio.stageCount', { count: seats.length })}</small>
        </h2>
        <StatusStrip />
      </div>
      {seats.length === 0 ? (
        <p className="stage__empty">{t('studio.stageEmpty')}</p>
      ) : (
        <ul className="stage__seats" data-count={seats.length}>
          {seats.map((seat) => (
            <StageSeat key={seat.id} seat={seat} />
          ))}
        </ul>
      )}
    </section>
  );
}

function StageSeat({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const name = seat.name || t(`role.${seat.role}`);
  return (
    <li className="stage__seat">
      <PictureTile seat={seat} source="camera" className="tile--stage" />
      <div className="tile-actions">
        <button
          type="button"
          className="button button--small"
          data-testid={`stage-revoke-${seat.id}`}
          aria-label={t('studio.revokeSeat', { name })}
          onClick={() => void session.act({ type: 'floor_revoke', seat: seat.id })}
        >
          <Icon name="stage-off" size={20} />
          {t('studio.revoke')}
        </button>
        <MuteButton seat={seat} />
        <ConsentMark seat={seat} />
      </div>
    </li>
  );
}
