import { describe, expect, it } from 'vitest';
import { countsOf, qualityOf } from './path-quality';

const REPORTS = [
  { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.042 },
  { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
  { type: 'candidate-pair', nominated: true },
  { type: 'inbound-rtp', packetsReceived: 90, packetsLost: 8 },
  { type: 'inbound-rtp', packetsReceived: 10, packetsLost: 2 },
  { type: 'outbound-rtp', packetsSent: 200 },
  { type: 'remote-inbound-rtp', packetsLost: 4 },
];
const NOTHING = countsOf([]);

describe('path quality', () => {
  it('sums over streams and takes the slowest nominated pair', () => {
    const counts = countsOf(REPORTS);
    expect(counts).toEqual({ roundTripsMs: [42], received: 100, lostDown: 10, sent: 200, lostUp: 4 });
    expect(qualityOf(NOTHING, counts)).toEqual({ rttMs: 42, lossDownPermille: 91, lossUpPermille: 20 });
  });

  it('counts the time of the check alone', () => {
    const before = countsOf(REPORTS);
    const after = { ...before, received: 200, sent: 400, lostUp: 14 };
    expect(qualityOf(before, after)).toEqual({ rttMs: 42, lossDownPermille: 0, lossUpPermille: 50 });
  });

  it('says nothing where nothing flowed', () => {
    expect(qualityOf(NOTHING, NOTHING)).toEqual({ rttMs: null, lossDownPermille: null, lossUpPermille: null });
  });

  it('takes duplicates, which make a loss negative, for none', () => {
    const before = { ...NOTHING, lostUp: 5 };
    expect(qualityOf(before, { ...NOTHING, sent: 100, lostUp: 3 }).lossUpPermille).toBe(0);
  });
});
