/**
 * The diagnostics hook: `window.__tandem.peers()` lists the live peer connections of this page, for the
 * statistics overlay (key `?`), for support, and for end-to-end tests. Nothing else is put on `window`.
 */
const peers = new Set<RTCPeerConnection>();

declare global {
  interface Window {
    __tandem: { peers: () => RTCPeerConnection[] };
  }
}

export function trackPeer(connection: RTCPeerConnection): void {
  peers.add(connection);
}

export function untrackPeer(connection: RTCPeerConnection): void {
  peers.delete(connection);
}

export function livePeers(): RTCPeerConnection[] {
  return [...peers];
}

export function installDiagnostics(): void {
  window.__tandem = { peers: livePeers };
}
