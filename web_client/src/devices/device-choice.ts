/** The devices a person chose last time, on this computer. */
import type { KeyStorage } from '../protocol/tokens';

export interface DeviceChoice {
  camera: string | null;
  microphone: string | null;
}

export const NO_CHOICE: DeviceChoice = { camera: null, microphone: null };
const KEY = 'tandem.devices';

export function loadChoice(storage: Pick<KeyStorage, 'getItem'>): DeviceChoice {
  try {
    const stored = JSON.parse(storage.getItem(KEY) ?? '{}') as Partial<Record<keyof DeviceChoice, unknown>>;
    return {
      camera: typeof stored.camera === 'string' ? stored.camera : null,
      microphone: typeof stored.microphone === 'string' ? stored.microphone : null,
    };
  } catch {
    return NO_CHOICE;
  }
}

export function saveChoice(storage: Pick<KeyStorage, 'setItem'>, choice: DeviceChoice): void {
  storage.setItem(KEY, JSON.stringify(choice));
}
