import { useTranslation } from 'react-i18next';
import { hands } from '../room/selectors';
import { GrantButton } from '../components/grant-button';
import { HandBadge } from '../components/hand-badge';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';

/** Who waits, the longest first. */
export function HandsQueue() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const waiting = hands(room);
  return (
    <section className="side-card" aria-labelledby="hands-title">
      <h2 id="hands-title" className="section-title">
        <Icon name="hand" />
        {t('studio.hands')}
        {waiting.length > 0 && <small className="count">{waiting.length}</small>}
      </h2>
      <div aria-live="polite">
        {waiting.length === 0 ? (
          <p className="soft">{t('studio.handsEmpty')}</p>
        ) : (
          <ol className="queue" data-testid="hands-queue">
            {waiting.map((seat) => (
              <li key={seat.id} className="queue__seat">
                <HandBadge seat={seat} />
                <span className="queue__name">{seat.name || t(`role.${seat.role}`)}</span>
                <GrantButton seat={seat} testId={`hand-grant-${seat.id}`} />
              </li>
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}
