import { useTranslation } from 'react-i18next';

interface DeviceSelectProps {
  kind: 'camera' | 'microphone';
  devices: MediaDeviceInfo[];
  chosen: string | null;
  onChoose: (deviceId: string) => void;
}

export function DeviceSelect({ kind, devices, chosen, onChoose }: DeviceSelectProps) {
  const { t } = useTranslation();
  const isCamera = kind === 'camera';
  const isKnown = devices.some((device) => device.deviceId === chosen);
  return (
    <label className="field">
      <span>{t(isCamera ? 'devices.camera' : 'devices.microphone')}</span>
      <select
        value={isKnown && chosen !== null ? chosen : (devices[0]?.deviceId ?? '')}
        disabled={devices.length === 0}
        onChange={(event) => onChoose(event.target.value)}
      >
        {devices.length === 0 && <option value="">{t(isCamera ? 'devices.noCamera' : 'devices.noMicrophone')}</option>}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || t(isCamera ? 'devices.unnamedCamera' : 'devices.unnamedMicrophone', { number: index + 1 })}
          </option>
        ))}
      </select>
    </label>
  );
}
