/** The seats' device checks and what picture they are sent: `links` of the snapshot, and the events that change it. */

export const VERDICTS = ['green', 'amber', 'red'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const TIERS = ['L0', 'L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7'] as const;
export type Tier = (typeof TIERS)[number];

export const RECEIVES = ['high', 'low', 'none'] as const;
/** How much picture a seat is sent; voice always comes. */
export type Receive = (typeof RECEIVES)[number];

/** What a check looks at, in the order in which it is shown. */
export const CHECK_ITEMS = ['camera', 'microphone', 'echo', 'down', 'up', 'rtt', 'loss', 'clock'] as const;
export type CheckItem = (typeof CHECK_ITEMS)[number];

export const MEASURES = [
  'camera_width',
  'camera_height',
  'camera_fps',
  'microphone_dbov',
  'echo_percent',
  'down_bps',
  'up_bps',
  'rtt_ms',
  'loss_down_permille',
  'loss_up_permille',
  'clock_offset_ms',
] as const;
/** Whole numbers; null: not measured, or no such device. */
export type Measures = Record<(typeof MEASURES)[number], number | null>;

export interface DeviceCheck {
  at_ms: number;
  verdict: Verdict;
  tier: Tier | null;
  verdicts: Readonly<Record<CheckItem, Verdict>>;
  measures: Readonly<Measures>;
}

export interface Links {
  /** Seats that are not sent everything. */
  receive: Readonly<Record<string, Receive>>;
  checks: Readonly<Record<string, DeviceCheck>>;
}

export type LinkEvent =
  | { type: 'device_checked'; seat: string; check: DeviceCheck }
  | { type: 'receive_changed'; seat: string; picture: Receive };

/** What a link of that tier carries without stuttering. */
export function receiveOfTier(tier: Tier | null): Receive {
  const level = tier === null ? 0 : TIERS.indexOf(tier);
  if (level >= TIERS.indexOf('L5')) return 'none';
  return level >= TIERS.indexOf('L2') ? 'low' : 'high';
}
