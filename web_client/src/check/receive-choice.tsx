import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import { RECEIVES } from '../protocol/links';

/** How much picture a seat is sent; the server holds to it. */
export function ReceiveChoice({ seat, legend }: { seat: string; legend: string }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const present = room.links.receive[seat] ?? 'high';
  return (
    <fieldset className="choice-row" data-testid={`receive-${seat}`} data-receive={present}>
      <legend>{legend}</legend>
      {RECEIVES.map((picture) => (
        <label key={picture} className="choice-row__choice" data-chosen={picture === present}>
          <input
            type="radio"
            name={`receive-${seat}`}
            checked={picture === present}
            onChange={() => void session.act({ type: 'receive', picture, seat })}
          />
          {t(`check.receive.${picture}`)}
        </label>
      ))}
    </fieldset>
  );
}
