/** Round trip and loss of the media path, from what the peer connections have counted before and after. */

type Report = Record<string, unknown>;

export interface PathCounts {
  /** The newest measured round trip of each nominated pair. */
  roundTripsMs: readonly number[];
  received: number;
  lostDown: number;
  sent: number;
  lostUp: number;
}

export interface PathQuality {
  rttMs: number | null;
  lossDownPermille: number | null;
  lossUpPermille: number | null;
}

/** Fewer packets than this say nothing about loss. */
const ENOUGH_PACKETS = 20;

const numberIn = (report: Report, field: string): number => {
  const value = report[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
};

/** Sums over all streams of all peers; `remote-inbound-rtp` is what the server reports of what was sent. */
export function countsOf(reports: readonly Report[]): PathCounts {
  const sum = (type: string, field: string): number =>
    reports.filter((report) => report['type'] === type).reduce((total, report) => total + numberIn(report, field), 0);
  return {
    roundTripsMs: reports
      .filter((report) => report['type'] === 'candidate-pair' && report['nominated'] === true && typeof report['currentRoundTripTime'] === 'number')
      .map((report) => numberIn(report, 'currentRoundTripTime') * 1000),
    received: sum('inbound-rtp', 'packetsReceived'),
    lostDown: sum('inbound-rtp', 'packetsLost'),
    sent: sum('outbound-rtp', 'packetsSent'),
    lostUp: sum('remote-inbound-rtp', 'packetsLost'),
  };
}

export function qualityOf(before: PathCounts, after: PathCounts): PathQuality {
  const lostDown = after.lostDown - before.lostDown;
  return {
    rttMs: after.roundTripsMs.length === 0 ? null : Math.round(Math.max(...after.roundTripsMs)),
    lossDownPermille: permille(lostDown, after.received - before.received + lostDown),
    lossUpPermille: permille(after.lostUp - before.lostUp, after.sent - before.sent),
  };
}

function permille(lost: number, expected: number): number | null {
  if (expected < ENOUGH_PACKETS) return null;
  return Math.min(1000, Math.max(0, Math.round((lost * 1000) / expected)));
}

export async function readCounts(peers: readonly RTCPeerConnection[]): Promise<PathCounts> {
  const reports: Report[] = [];
  for (const peer of peers) (await peer.getStats()).forEach((report: Report) => reports.push(report));
  return countsOf(reports);
}
