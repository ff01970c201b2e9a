/** Figures of peer connections, read from getStats and made rates by the reading before. */

export interface StreamFigures {
  id: string;
  mid: string;
  kind: string;
  isSent: boolean;
  codec: string;
  width: number | null;
  height: number | null;
  framesPerSecond: number | null;
  bytes: number;
  atMs: number;
  bitrateBps: number;
  packetsLost: number | null;
  /** Decoded or encoded so far. */
  frames: number;
  packets: number;
}

export interface PeerFigures {
  state: string;
  roundTripMs: number | null;
  streams: StreamFigures[];
}

type Report = Record<string, unknown>;

const numberOf = (report: Report, field: string): number | null => {
  const value = report[field];
  return typeof value === 'number' ? value : null;
};

export function rateOf(bytes: number, atMs: number, former: { bytes: number; atMs: number } | undefined): number {
  if (former === undefined || atMs <= former.atMs || bytes < former.bytes) return 0;
  return ((bytes - former.bytes) * 8_000) / (atMs - former.atMs);
}

function streamOf(report: Report, reports: ReadonlyMap<string, Report>, former: StreamFigures[]): StreamFigures {
  const isSent = report['type'] === 'outbound-rtp';
  const id = String(report['id']);
  const bytes = numberOf(report, isSent ? 'bytesSent' : 'bytesReceived') ?? 0;
  const atMs = numberOf(report, 'timestamp') ?? 0;
  const codec = reports.get(String(report['codecId']));
  const before = former.find((stream) => stream.id === id);
  return {
    id,
    mid: String(report['mid'] ?? ''),
    kind: String(report['kind']),
    isSent,
    codec: String(codec?.['mimeType'] ?? '–').replace(/^.*\//, ''),
    width: numberOf(report, 'frameWidth'),
    height: numberOf(report, 'frameHeight'),
    framesPerSecond: numberOf(report, 'framesPerSecond'),
    bytes,
    atMs,
    bitrateBps: rateOf(bytes, atMs, before),
    packetsLost: numberOf(report, 'packetsLost'),
    frames: numberOf(report, isSent ? 'framesEncoded' : 'framesDecoded') ?? 0,
    packets: numberOf(report, isSent ? 'packetsSent' : 'packetsReceived') ?? 0,
  };
}

async function readPeer(peer: RTCPeerConnection, former: StreamFigures[]): Promise<PeerFigures> {
  const reports = new Map<string, Report>();
  (await peer.getStats()).forEach((report: Report) => reports.set(String(report['id']), report));
  const all = [...reports.values()];
  const pair = all.find((report) => report['type'] === 'candidate-pair' && report['nominated'] === true);
  const roundTripS = pair === undefined ? null : numberOf(pair, 'currentRoundTripTime');
  return {
    state: peer.connectionState,
    roundTripMs: roundTripS === null ? null : roundTripS * 1000,
    streams: all
      .filter((report) => report['type'] === 'outbound-rtp' || report['type'] === 'inbound-rtp')
      .map((report) => streamOf(report, reports, former)),
  };
}

export function readFigures(peers: readonly RTCPeerConnection[], former: readonly PeerFigures[]): Promise<PeerFigures[]> {
  return Promise.all(peers.map((peer, index) => readPeer(peer, former[index]?.streams ?? [])));
}
