import { useTranslation } from 'react-i18next';
import type { IconName } from './icons';
import { Icon } from './icons';
import { useObservable, useRoom } from './session-context';

/** Microphone, camera, screen: large, named, and the state in words beside the colour. */
export function ControlBar() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { media } = session;
  const own = useObservable(media.view);
  const canShare = session.joined.permissions.includes('publish_screen');
  return (
    <div className="control-bar" role="toolbar" aria-label={t('controls.bar')}>
      <ControlButton
        testId="mute-self"
        icon={own.isMuted ? 'microphone-off' : 'microphone'}
        label={t(own.isMuted ? 'controls.unmuteSelf' : 'controls.muteSelf')}
        state={t(own.isMuted ? 'controls.microphoneOff' : 'controls.microphoneOn')}
        isOff={own.isMuted}
        onPress={() => media.setMuted(!own.isMuted)}
      />
      <ControlButton
        testId="camera-self"
        icon={own.isCameraOff ? 'camera-off' : 'camera'}
        label={t(own.isCameraOff ? 'controls.cameraTurnOn' : 'controls.cameraTurnOff')}
        state={t(own.isCameraOff ? 'controls.cameraOff' : 'controls.cameraOn')}
        isOff={own.isCameraOff}
        onPress={() => void media.setCameraOff(!own.isCameraOff)}
      />
      {canShare && (
        <ControlButton
          testId="share-screen"
          icon={own.screen === null ? 'screen' : 'screen-off'}
          label={t(own.screen === null ? 'controls.share' : 'controls.shareStop')}
          isActive={own.screen !== null}
          onPress={() => void (own.screen === null ? media.shareScreen() : media.stopScreen())}
        />
      )}
    </div>
  );
}

interface ControlButtonProps {
  testId: string;
  icon: IconName;
  label: string;
  /** The present state, where the label names only what a press does. */
  state?: string;
  isOff?: boolean;
  isActive?: boolean;
  onPress: () => void;
}

function ControlButton({ testId, icon, label, state, isOff, isActive, onPress }: ControlButtonProps) {
  const look = isOff === true ? ' control--off' : isActive === true ? ' control--active' : '';
  return (
    <button type="button" className={`control${look}`} data-testid={testId} onClick={onPress}>
      <Icon name={icon} size={26} />
      <span className="control__label">{label}</span>
      {state !== undefined && <span className="visually-hidden">({state})</span>}
    </button>
  );
}
