/** Opening cameras, microphones and screens; what fails becomes a code that i18n can explain. */

export type CaptureFault =
  | 'insecure_page'
  | 'permission_denied'
  | 'device_missing'
  | 'device_busy'
  | 'sharing_cancelled'
  | 'capture_failed';

export class CaptureError extends Error {
  constructor(readonly fault: CaptureFault) {
    super(fault);
    this.name = 'CaptureError';
  }
}

export function faultOf(error: unknown): CaptureFault {
  if (error instanceof CaptureError) return error.fault;
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'permission_denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'device_missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'device_busy';
    default:
      return 'capture_failed';
  }
}

function mediaDevices(): MediaDevices {
  // Browsers hide the devices from pages without HTTPS, localhost apart.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new CaptureError('insecure_page');
  return devices;
}

async function openTrack(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  try {
    const track = (await mediaDevices().getUserMedia(constraints)).getTracks()[0];
    if (track === undefined) throw new CaptureError('device_missing');
    return track;
  } catch (error) {
    throw new CaptureError(faultOf(error));
  }
}

export function openCamera(deviceId: string | null): Promise<MediaStreamTrack> {
  return openTrack({
    video: {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 25, max: 25 },
      ...(deviceId === null ? {} : { deviceId: { ideal: deviceId } }),
    },
  });
}

export function openMicrophone(deviceId: string | null): Promise<MediaStreamTrack> {
  return openTrack({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: 1,
      ...(deviceId === null ? {} : { deviceId: { ideal: deviceId } }),
    },
  });
}

export interface SharedScreen {
  video: MediaStreamTrack;
  audio: MediaStreamTrack | null;
}

export async function openScreen(): Promise<SharedScreen> {
  try {
    const stream = await mediaDevices().getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 30 } },
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    const video = stream.getVideoTracks()[0];
    if (video === undefined) throw new CaptureError('capture_failed');
    return { video, audio: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    const fault = faultOf(error);
    throw new CaptureError(fault === 'permission_denied' ? 'sharing_cancelled' : fault);
  }
}

export interface DeviceList {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

export async function listDevices(): Promise<DeviceList> {
  const devices = await mediaDevices().enumerateDevices();
  return {
    cameras: devices.filter((device) => device.kind === 'videoinput'),
    microphones: devices.filter((device) => device.kind === 'audioinput'),
  };
}
