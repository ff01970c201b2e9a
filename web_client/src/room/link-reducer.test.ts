import { describe, expect, it } from 'vitest';
import type { DeviceCheck } from '../protocol/links';
import { CHECK_ITEMS, MEASURES, receiveOfTier } from '../protocol/links';
import { parseLinkEvent } from '../protocol/links-codec';
import { Reader } from '../protocol/reader';
import { reduceLinks } from './link-reducer';

const CHECK = {
  at_ms: 5,
  verdict: 'amber',
  tier: 'L3',
  verdicts: Object.fromEntries(CHECK_ITEMS.map((item) => [item, 'green'])),
  measures: Object.fromEntries(MEASURES.map((name) => [name, null])),
} as unknown as DeviceCheck;

const EMPTY = { receive: {}, checks: {} };

describe('links', () => {
  it('keeps the newest check of each seat', () => {
    const once = reduceLinks(EMPTY, { type: 'device_checked', seat: 'a', check: CHECK });
    const twice = reduceLinks(once, { type: 'device_checked', seat: 'a', check: { ...CHECK, tier: null } });
    expect(twice.checks).toEqual({ a: { ...CHECK, tier: null } });
    expect(once.checks).toEqual({ a: CHECK });
  });

  it('lists those who are sent less', () => {
    const low = reduceLinks(EMPTY, { type: 'receive_changed', seat: 'a', picture: 'low' });
    expect(low.receive).toEqual({ a: 'low' });
    expect(reduceLinks(low, { type: 'receive_changed', seat: 'a', picture: 'high' })).toEqual(EMPTY);
  });

  it('reads a check and refuses one of another shape', () => {
    const event = { type: 'device_checked', seat: 'a', check: CHECK };
    expect(parseLinkEvent(new Reader(event, 'event'), 'device_checked')).toEqual(event);
    const broken = { ...event, check: { ...CHECK, verdict: 'purple' } };
    expect(() => parseLinkEvent(new Reader(broken, 'event'), 'device_checked')).toThrow(/verdict/);
    expect(parseLinkEvent(new Reader(event, 'event'), 'seat_left')).toBeNull();
  });

  it('proposes what the tier carries', () => {
    expect([null, 'L0', 'L1', 'L2', 'L4', 'L5', 'L7'].map((tier) => receiveOfTier(tier as never))).toEqual([
      'high', 'high', 'high', 'low', 'low', 'none', 'none',
    ]);
  });
});
