import { describe, expect, it } from 'vitest';
import { degradationPreference, orderCodecs, videoPlan } from './sending';

describe('what is sent', () => {
  it('is 720p at up to 1.8 Mbit/s for the master, on stage or not', () => {
    expect(videoPlan('camera', 'master', false)).toEqual({ maxBitrateBps: 1_800_000, maxFramerate: 25, scaleResolutionDownBy: 1 });
  });

  it('is small for a wall tile and full on stage', () => {
    expect(videoPlan('camera', 'classroom', false).scaleResolutionDownBy).toBe(4);
    expect(videoPlan('camera', 'classroom', false).maxFramerate).toBeLessThanOrEqual(15);
    expect(videoPlan('camera', 'classroom', true).scaleResolutionDownBy).toBe(1);
  });

  it('keeps sharp what all rooms read', () => {
    expect(degradationPreference('screen', 'master')).toBe('maintain-resolution');
    expect(degradationPreference('camera', 'master')).toBe('maintain-resolution');
    expect(degradationPreference('camera', 'classroom')).toBe('balanced');
    expect(videoPlan('screen', 'master', false).scaleResolutionDownBy).toBe(1);
  });
});

describe('the order of codecs', () => {
  it('is H264, VP8, VP9, AV1, the rest, each in its own order', () => {
    const offered = ['video/VP8', 'video/rtx', 'video/AV1', 'video/H264', 'video/VP9', 'video/H264', 'video/red'];
    const codecs = offered.map((mimeType, number) => ({ mimeType, number }));
    expect(orderCodecs(codecs).map((codec) => codec.number)).toEqual([3, 5, 0, 4, 2, 1, 6]);
  });
});
