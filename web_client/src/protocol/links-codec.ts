/** Frames -> `links` and its events. */
import type { CheckItem, DeviceCheck, LinkEvent, Links, Measures, Verdict } from './links';
import { CHECK_ITEMS, MEASURES, RECEIVES, TIERS, VERDICTS } from './links';
import type { Reader } from './reader';

export function parseLinks(reader: Reader): Links {
  return {
    receive: reader.members('receive', (receive, seat) => receive.oneOf(seat, RECEIVES)),
    checks: reader.members('checks', (checks, seat) => parseCheck(checks.child(seat))),
  };
}

function parseCheck(reader: Reader): DeviceCheck {
  const verdicts = reader.child('verdicts');
  const measures = reader.child('measures');
  return {
    at_ms: reader.integer('at_ms'),
    verdict: reader.oneOf('verdict', VERDICTS),
    tier: reader.oneOfOrNull('tier', TIERS),
    verdicts: Object.fromEntries(CHECK_ITEMS.map((item) => [item, verdicts.oneOf(item, VERDICTS)])) as Record<CheckItem, Verdict>,
    measures: Object.fromEntries(MEASURES.map((name) => [name, measures.integerOrNull(name)])) as Measures,
  };
}

/** null: another kind of event. */
export function parseLinkEvent(reader: Reader, type: string): LinkEvent | null {
  switch (type) {
    case 'device_checked':
      return { type, seat: reader.text('seat'), check: parseCheck(reader.child('check')) };
    case 'receive_changed':
      return { type, seat: reader.text('seat'), picture: reader.oneOf('picture', RECEIVES) };
    default:
      return null;
  }
}
