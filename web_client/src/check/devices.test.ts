import { describe, expect, it } from 'vitest';
import { dbov, measureCamera, measureEcho, measureMicrophone } from './devices';

describe('devices', () => {
  it('gives loudness in dBov within its bounds', () => {
    expect(dbov(1)).toBe(0);
    expect(dbov(0.1)).toBe(-20);
    expect(dbov(0)).toBe(-127);
    expect(dbov(3)).toBe(0);
  });

  it('measures nothing of a device that is not there', async () => {
    expect(await measureCamera(null)).toEqual({ width: null, height: null, framesPerSecond: null });
    expect(await measureMicrophone(null)).toBeNull();
    expect(await measureEcho(null)).toBeNull();
  });
});
