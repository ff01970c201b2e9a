import { describe, expect, it } from 'vitest';
import type { Measures } from '../protocol/links';
import { CHECK_ITEMS, MEASURES } from '../protocol/links';
import { figureOf } from './figures';

const NOTHING = Object.fromEntries(MEASURES.map((name) => [name, null])) as Measures;
const GOOD: Measures = {
  camera_width: 1280, camera_height: 720, camera_fps: 25, microphone_dbov: -31, echo_percent: 4, down_bps: 18_400_000,
  up_bps: 640_400, rtt_ms: 40, loss_down_permille: 5, loss_up_permille: 0, clock_offset_ms: 1_240,
};

describe('figures', () => {
  it('are read with their units', () => {
    expect(CHECK_ITEMS.map((item) => figureOf(item, GOOD))).toEqual([
      '1280 × 720, 25 fps', '-31 dB', '4 %', '18 Mbit/s', '640 kbit/s', '40 ms', '↓ 0.5 %  ↑ 0.0 %', '+1.2 s',
    ]);
  });

  it('are a dash where nothing was measured', () => {
    for (const item of CHECK_ITEMS) expect(figureOf(item, NOTHING)).toContain('–');
  });
});
