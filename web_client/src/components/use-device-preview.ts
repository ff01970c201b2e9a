import { useCallback, useEffect, useState } from 'react';
import type { CaptureFault, DeviceList } from '../devices/capture';
import { faultOf, listDevices, openCamera, openMicrophone } from '../devices/capture';
import type { DeviceChoice } from '../devices/device-choice';
import { loadChoice } from '../devices/device-choice';

export interface DevicePreview {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  devices: DeviceList;
  choice: DeviceChoice;
  isOpening: boolean;
  faults: CaptureFault[];
  chooseCamera(deviceId: string): void;
  chooseMicrophone(deviceId: string): void;
  retry(): void;
}

interface OpenTrack {
  track: MediaStreamTrack | null;
  fault: CaptureFault | null;
  isOpening: boolean;
}

const OPENING: OpenTrack = { track: null, fault: null, isOpening: true };

/** Holds one device open while mounted and opens another when the choice changes. */
function useOpenTrack(open: (deviceId: string | null) => Promise<MediaStreamTrack>, deviceId: string | null, attempt: number): OpenTrack {
  const [state, setState] = useState(OPENING);
  useEffect(() => {
    let isGone = false;
    let opened: MediaStreamTrack | null = null;
    open(deviceId).then(
      (track) => {
        opened = track;
        if (isGone) track.stop();
        else setState({ track, fault: null, isOpening: false });
      },
      (error: unknown) => {
        if (!isGone) setState({ track: null, fault: faultOf(error), isOpening: false });
      },
    );
    return () => {
      isGone = true;
      opened?.stop();
    };
  }, [open, deviceId, attempt]);
  return state;
}

export function useDevicePreview(): DevicePreview {
  const [choice, setChoice] = useState(() => loadChoice(window.localStorage));
  const [attempt, setAttempt] = useState(0);
  const [devices, setDevices] = useState<DeviceList>({ cameras: [], microphones: [] });
  const camera = useOpenTrack(openCamera, choice.camera, attempt);
  const microphone = useOpenTrack(openMicrophone, choice.microphone, attempt);

  useEffect(() => {
    const read = (): void => void listDevices().then(setDevices, () => undefined);
    read();
    navigator.mediaDevices?.addEventListener('devicechange', read);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', read);
  }, [camera.track, microphone.track]);

  return {
    camera: camera.track,
    microphone: microphone.track,
    devices,
    choice,
    isOpening: camera.isOpening || microphone.isOpening,
    faults: [...new Set([camera.fault, microphone.fault].filter((fault) => fault !== null))],
    chooseCamera: (deviceId) => setChoice((present) => ({ ...present, camera: deviceId })),
    chooseMicrophone: (deviceId) => setChoice((present) => ({ ...present, microphone: deviceId })),
    retry: useCallback(() => setAttempt((count) => count + 1), []),
  };
}
