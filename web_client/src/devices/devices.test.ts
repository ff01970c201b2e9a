import { describe, expect, it } from 'vitest';
import { CaptureError, faultOf } from './capture';
import { loadChoice, saveChoice } from './device-choice';
import { levelOf } from './level-meter';

describe('faults', () => {
  it.each([
    ['NotAllowedError', 'permission_denied'],
    ['NotFoundError', 'device_missing'],
    ['OverconstrainedError', 'device_missing'],
    ['NotReadableError', 'device_busy'],
    ['InvalidStateError', 'capture_failed'],
  ])('%s is %s', (name, fault) => {
    expect(faultOf(new DOMException('', name))).toBe(fault);
  });

  it('keeps what is known and names the rest', () => {
    expect(faultOf(new CaptureError('insecure_page'))).toBe('insecure_page');
    expect(faultOf('strange')).toBe('capture_failed');
  });
});

describe('the remembered choice', () => {
  it('comes back, and survives nonsense', () => {
    const values = new Map<string, string>();
    const storage = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    };
    expect(loadChoice(storage)).toEqual({ camera: null, microphone: null });
    saveChoice(storage, { camera: 'c', microphone: null });
    expect(loadChoice(storage)).toEqual({ camera: 'c', microphone: null });
    values.set('tandem.devices', '{"camera": 7');
    expect(loadChoice(storage)).toEqual({ camera: null, microphone: null });
  });
});

describe('the level', () => {
  it('is 0 for silence, 1 for full scale, a half at -30 dB', () => {
    expect(levelOf(new Float32Array(8))).toBe(0);
    expect(levelOf(new Float32Array(8).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(8).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5);
  });
});
