import { describe, expect, it } from 'vitest';
import type { CatchUpState } from './catch-up-state';
import { LIVE, catchUp } from './catch-up-state';
import { FlowWatch } from './flow-watch';
import { placeOf } from './dvr';

describe('catchUp', () => {
  const span = { fromMs: 10_000, untilMs: 40_000 };

  it('offers what was missed, from the first silence on', () => {
    const once = catchUp(LIVE, { type: 'missed', span });
    const twice = catchUp(once, { type: 'missed', span: { fromMs: 50_000, untilMs: 60_000 } });
    expect(twice).toEqual({ mode: 'live', missed: { fromMs: 10_000, untilMs: 60_000 } });
    expect(catchUp(twice, { type: 'dismiss' })).toEqual(LIVE);
  });

  it('plays from there when asked, and from where it was paused', () => {
    const offered = catchUp(LIVE, { type: 'missed', span });
    const behind = catchUp(offered, { type: 'goOn' });
    expect(behind).toEqual({ mode: 'behind', fromMs: 10_000 });
    const paused = catchUp(behind, { type: 'pause', atMs: 17_000 });
    expect(catchUp(paused, { type: 'pause', atMs: 18_000 })).toEqual(paused);
    expect(catchUp(paused, { type: 'goOn' })).toEqual({ mode: 'behind', fromMs: 17_000 });
    expect(catchUp(behind, { type: 'liveNow' })).toEqual(LIVE);
  });

  it('has nothing to go on with while nothing was missed, and misses nothing while it is behind', () => {
    expect(catchUp(LIVE, { type: 'goOn' })).toBe(LIVE);
    const behind: CatchUpState = { mode: 'behind', fromMs: 5_000 };
    expect(catchUp(behind, { type: 'missed', span })).toBe(behind);
    expect(catchUp(behind, { type: 'dismiss' })).toBe(behind);
  });
});

describe('FlowWatch', () => {
  it('says from when nothing came once something comes again', () => {
    const watch = new FlowWatch();
    expect(watch.take(0, 0)).toBeNull();
    expect(watch.take(100, 500)).toBeNull();
    expect(watch.take(200, 1_000)).toBeNull();
    expect(watch.take(200, 1_500)).toBeNull();
    expect(watch.take(0, 9_000)).toBeNull();
    // A new connection counts anew.
    expect(watch.take(50, 9_500)).toEqual({ fromMs: 0, untilMs: 9_500 });
    expect(watch.take(60, 10_000)).toBeNull();
  });

  it('passes over what is short', () => {
    const watch = new FlowWatch();
    watch.take(1, 0);
    expect(watch.take(2, 2_900)).toBeNull();
  });
});

describe('placeOf', () => {
  const fragments = [
    { start: 0, duration: 4, programDateTime: 100_000 },
    { start: 4, duration: 4, programDateTime: 104_000 },
    // The lesson stood still for a minute.
    { start: 8, duration: 4, programDateTime: 168_000 },
  ];

  it('finds a moment in the playlist', () => {
    expect(placeOf(105_500, fragments)).toBe(5.5);
    expect(placeOf(169_000, fragments)).toBe(9);
  });

  it('takes the nearest that there is', () => {
    expect(placeOf(90_000, fragments)).toBe(0);
    expect(placeOf(130_000, fragments)).toBe(8);
    expect(placeOf(173_000, fragments)).toBe(13);
    expect(placeOf(1, [])).toBe(0);
  });
});
