import { useTranslation } from 'react-i18next';
import { Icon } from './icons';
import { useObservable, useRoom } from './session-context';

/** Devices that did not open, and what to do about it. */
export function OwnFaults() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const own = useObservable(session.media.view);
  const faults = [...new Set([own.cameraFault, own.microphoneFault, own.screenFault])].filter((fault) => fault !== null);
  return faults.map((fault) => (
    <p key={fault} className="fault" role="alert">
      <Icon name="warning" />
      {t(`devices.fault.${fault}`)}
    </p>
  ));
}
