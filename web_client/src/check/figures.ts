/** What a check measured, as people read it. */
import type { CheckItem, Measures } from '../protocol/links';

export const UNKNOWN = '–';

function rate(bps: number | null): string {
  if (bps === null) return UNKNOWN;
  if (bps >= 1_000_000) return `${(bps / 1_000_000).toFixed(bps >= 10_000_000 ? 0 : 1)} Mbit/s`;
  return `${Math.round(bps / 1000)} kbit/s`;
}

const percent = (permille: number | null): string => (permille === null ? UNKNOWN : `${(permille / 10).toFixed(1)} %`);

const withUnit = (value: number | null, unit: string): string => (value === null ? UNKNOWN : `${value} ${unit}`);

export function figureOf(item: CheckItem, measures: Readonly<Measures>): string {
  switch (item) {
    case 'camera':
      if (measures.camera_height === null) return UNKNOWN;
      return `${measures.camera_width ?? '?'} × ${measures.camera_height}, ${withUnit(measures.camera_fps, 'fps')}`;
    case 'microphone':
      return withUnit(measures.microphone_dbov, 'dB');
    case 'echo':
      return withUnit(measures.echo_percent, '%');
    case 'down':
      return rate(measures.down_bps);
    case 'up':
      return rate(measures.up_bps);
    case 'rtt':
      return withUnit(measures.rtt_ms, 'ms');
    case 'loss':
      return `↓ ${percent(measures.loss_down_permille)}  ↑ ${percent(measures.loss_up_permille)}`;
    case 'clock':
      return measures.clock_offset_ms === null ? UNKNOWN : `${measures.clock_offset_ms > 0 ? '+' : ''}${(measures.clock_offset_ms / 1000).toFixed(1)} s`;
  }
}
