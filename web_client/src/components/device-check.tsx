import { useTranslation } from 'react-i18next';
import type { CaptureFault } from '../devices/capture';
import type { DeviceChoice } from '../devices/device-choice';
import type { JoinAnswer } from '../protocol/rest';
import { DeviceSelect } from './device-select';
import { Icon, Mark } from './icons';
import { LanguageSwitch } from './language-switch';
import { LevelBar } from './level-bar';
import { TrackVideo } from './track-video';
import { useDevicePreview } from './use-device-preview';

const SUBTITLES = {
  master: 'devices.subtitleMaster',
  classroom: 'devices.subtitleClassroom',
  assistant: 'devices.subtitleAssistant',
  student: 'devices.subtitleAssistant',
  observer: 'devices.subtitleAssistant',
} as const;

export function DeviceCheck({ joined, onEnter }: { joined: JoinAnswer; onEnter: (choice: DeviceChoice) => void }) {
  const { t } = useTranslation();
  const preview = useDevicePreview();
  const { seat, lesson } = joined;
  const hasNothing = !preview.isOpening && preview.camera === null && preview.microphone === null;
  const policy = `recording.policy.${lesson.recording_policy}`;
  return (
    <main className="device-check">
      <header className="device-check__brand">
        <Mark size={36} />
        <strong>Tandem</strong>
        <span>{t('brand.tagline')}</span>
        <LanguageSwitch />
      </header>
      <section className="device-check__picture">
        <TrackVideo track={preview.camera} label={t('devices.preview')} isMirrored testId="preview-camera" />
        {preview.camera === null && (
          <p className="device-check__no-picture">
            <Icon name="camera-off" size={48} />
            {preview.isOpening ? t('devices.opening') : t('tile.cameraOff')}
          </p>
        )}
        <p className="device-check__name">{seat.name || t(`role.${seat.role}`)}</p>
      </section>
      <section className="device-check__panel">
        <p className="device-check__lesson">{lesson.title}</p>
        <h1>{t('devices.title')}</h1>
        <p className="soft">{t(SUBTITLES[seat.role])}</p>
        {preview.faults.map((fault) => (
          <Fault key={fault} fault={fault} onRetry={preview.retry} />
        ))}
        <DeviceSelect kind="camera" devices={preview.devices.cameras} chosen={preview.choice.camera} onChoose={preview.chooseCamera} />
        <DeviceSelect
          kind="microphone"
          devices={preview.devices.microphones}
          chosen={preview.choice.microphone}
          onChoose={preview.chooseMicrophone}
        />
        <LevelBar track={preview.microphone} />
        <p className="device-check__recording">
          <span className="rec-dot" aria-hidden="true" />
          {t([policy, 'recording.policy.other'])}
        </p>
        <button
          type="button"
          className="button button--primary button--large"
          data-testid="enter"
          disabled={preview.isOpening}
          onClick={() => onEnter(preview.choice)}
        >
          {hasNothing ? t('devices.enterAnyway') : t('devices.enter')}
        </button>
      </section>
    </main>
  );
}

function Fault({ fault, onRetry }: { fault: CaptureFault; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="fault" role="alert">
      <Icon name="warning" />
      <div>
        <p>{t(`devices.fault.${fault}`)}</p>
        <button type="button" className="button button--small" onClick={onRetry}>
          {t('common.tryAgain')}
        </button>
      </div>
    </div>
  );
}
