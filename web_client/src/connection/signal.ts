/** What a peer needs of the socket. */
import type { RequestMessage } from '../protocol/messages';

export interface Signal {
  request(message: RequestMessage): Promise<Record<string, unknown>>;
}

export type PathState = 'off' | 'connecting' | 'connected' | 'lost';

export function pathState(connection: RTCPeerConnection): PathState {
  switch (connection.connectionState) {
    case 'connected':
      return 'connected';
    case 'disconnected':
    case 'failed':
      return 'lost';
    case 'new':
    case 'connecting':
      return 'connecting';
    case 'closed':
      return 'off';
  }
}

export function textOf(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value !== 'string') throw new Error(`the answer has no ${field}`);
  return value;
}
