import { describe, expect, it } from 'vitest';
import { VoiceWatch } from './voice-watch';

const heard = (seat: string, rtpTimestamp: number, audioLevel?: number) => ({ seat, rtpTimestamp, audioLevel });

describe('who speaks', () => {
  it('is who has sound in new packets, and a moment longer', () => {
    const watch = new VoiceWatch();
    expect(watch.take([heard('a', 1, 0), heard('b', 1, 0.2)], 0)).toEqual(['b']);
    expect(watch.take([heard('a', 2, 0.1), heard('b', 2, 0)], 250)).toEqual(['b', 'a']);
    expect(watch.take([heard('a', 2, 0.1), heard('b', 3, 0)], 1_600)).toEqual(['a']);
    expect(watch.take([heard('a', 2, 0.1)], 1_800)).toEqual([]);
  });

  it('is nobody whose level is not known', () => {
    expect(new VoiceWatch().take([heard('a', 1)], 0)).toEqual([]);
  });
});
