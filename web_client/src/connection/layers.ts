/**
 * A source in several sizes at once (simulcast): which encodings it has, and which of them are sent.
 *
 * Only the master's camera has several: it goes to paths of every kind, and the server forwards to each what fits.
 * A room's camera is wanted in one size at a time, small on the wall and full on stage; one encoding that changes its
 * size does that for half the work. Nothing is encoded for nobody: a publication begins with its highest encoding, as
 * if it had no other, and the lower ones run while the server names them (`encodings_wanted`).
 */
import type { Role, Source } from '../protocol/messages';
import type { SendPlan } from './sending';
import { encodingOf, videoPlan } from './sending';

/** `rid` is empty where there is but one. */
export interface Layer {
  rid: string;
  plan: SendPlan;
}

const QUARTER: SendPlan = { maxBitrateBps: 150_000, maxFramerate: 15, scaleResolutionDownBy: 4 };
const HALF: SendPlan = { maxBitrateBps: 450_000, maxFramerate: 25, scaleResolutionDownBy: 2 };
/** With so few processors the half size is left out: what it saves on paths is not worth what it costs here. */
const FEW_PROCESSORS = 4;

export interface Browser {
  isChromium: boolean;
  processors: number;
}

interface Brands {
  brands?: readonly { brand: string }[];
}

export function thisBrowser(navigator: Navigator): Browser {
  const { brands } = (navigator as { userAgentData?: Brands }).userAgentData ?? {};
  return {
    isChromium: brands?.some((one) => one.brand === 'Chromium') === true,
    processors: navigator.hardwareConcurrency,
  };
}

/** The encodings of a source, lowest first; at least one. */
export function layersOf(source: Source, role: Role, isOnStage: boolean, browser: Browser): Layer[] {
  const plan = videoPlan(source, role, isOnStage);
  if (source !== 'camera' || role !== 'master' || !browser.isChromium) return [{ rid: '', plan }];
  const highest = { rid: 'f', plan };
  const lowest = { rid: 'q', plan: QUARTER };
  return browser.processors <= FEW_PROCESSORS ? [lowest, highest] : [lowest, { rid: 'h', plan: HALF }, highest];
}

/**
 * Which of `rids` (lowest first) are sent. `wanted`: what the server named last, null before it did. `isShort`: the
 * computer or its uplink does not carry several; then the highest of them goes to all, as slowly as it must.
 */
export function sentRids(rids: readonly string[], wanted: readonly string[] | null, isShort: boolean): string[] {
  const named = wanted === null ? [] : rids.filter((rid) => wanted.includes(rid));
  if (named.length === 0) return rids.slice(-1);
  return isShort ? named.slice(-1) : named;
}

/** What `addTransceiver` and `setParameters` take. */
export function encodingsOf(layers: readonly Layer[], sent: readonly string[]): RTCRtpEncodingParameters[] {
  return layers.map(({ rid, plan }) => ({
    ...(rid === '' ? {} : { rid }),
    active: sent.includes(rid),
    ...encodingOf(plan),
  }));
}
