/**
 * What this seat receives: one RTCPeerConnection, the server offers.
 *
 * Each offer names the publication of every section in use; `onMedia` is told the whole list after each answer.
 */
import type { Section, SubscribeOfferMessage } from '../protocol/messages';
import { codeOf } from '../protocol/errors';
import { trackPeer, untrackPeer } from './diagnostics';
import { PathWatch } from './path-watch';
import type { PathState, Signal } from './signal';
import { pathState, textOf } from './signal';
import { Retry } from './retry';
import { TaskQueue } from './task-queue';

/** Shown a quarter quicker, which pictures and voices bear. */
const EASED_MS = 50;
const EASE_PERIOD_MS = 200;

export interface RemoteMedia extends Section {
  track: MediaStreamTrack;
  receiver: RTCRtpReceiver;
}

export interface SubscribePeerOptions {
  signal: Signal;
  iceServers: RTCIceServer[];
  onState(state: PathState): void;
  onMedia(media: readonly RemoteMedia[]): void;
}

export class SubscribePeer {
  private connection: RTCPeerConnection | null = null;
  private peer: string | null = null;
  private watch: PathWatch | null = null;
  private isClosed = false;
  /** An offer may overtake the answer to `subscribe`. */
  private early: SubscribeOfferMessage | null = null;
  private heldBackMs: number | null = null;
  private easing: ReturnType<typeof setInterval> | undefined;
  private readonly queue = new TaskQueue();
  private readonly retry = new Retry(() => void this.open());

  constructor(private readonly options: SubscribePeerOptions) {}

  open(): Promise<void> {
    return this.queue.run(async () => {
      if (this.isClosed || this.connection !== null) return;
      this.options.onState('connecting');
      try {
        const body = await this.options.signal.request({ type: 'subscribe' });
        this.peer = textOf(body, 'peer');
        this.create();
        this.retry.reset();
      } catch (error) {
        this.options.onState('lost');
        // Without a socket it is handleSocketBack that begins anew.
        if (codeOf(error) !== 'connection_lost') this.retry.schedule();
        return;
      }
      if (this.early !== null) await this.answer(this.early);
    });
  }

  handleOffer(offer: SubscribeOfferMessage): void {
    if (this.peer === null) this.early = offer;
    else void this.queue.run(() => this.answer(offer));
  }

  /** The socket is back: see PublishPeer. */
  handleSocketBack(knownPeers: readonly string[]): void {
    const isKnown = this.peer !== null && knownPeers.includes(this.peer);
    if (isKnown && this.connection?.connectionState === 'connected') return;
    this.recreate();
  }

  handlePeerClosed(peer: string): void {
    if (peer === this.peer) this.recreate();
  }

  /** Plays everything so much later; null: less and less, until it plays as soon as it can. */
  holdBack(ms: number | null): void {
    clearInterval(this.easing);
    if (ms !== null || this.heldBackMs === null) {
      this.setTarget(ms);
      return;
    }
    // A target that falls at once drops all pictures that are held.
    this.easing = setInterval(() => {
      const nextMs = (this.heldBackMs ?? 0) - EASED_MS;
      this.setTarget(nextMs > 0 ? nextMs : null);
      if (nextMs <= 0) clearInterval(this.easing);
    }, EASE_PERIOD_MS);
  }

  private setTarget(ms: number | null): void {
    this.heldBackMs = ms;
    for (const receiver of this.connection?.getReceivers() ?? []) receiver.jitterBufferTarget = ms;
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.easing);
    this.retry.close();
    this.drop();
  }

  private create(): void {
    const connection = new RTCPeerConnection({ iceServers: this.options.iceServers, bundlePolicy: 'max-bundle' });
    this.connection = connection;
    trackPeer(connection);
    const watch = new PathWatch({ restart: () => this.restart(), recreate: () => this.recreate() });
    this.watch = watch;
    connection.oniceconnectionstatechange = () => watch.handleState(connection.iceConnectionState);
    connection.onconnectionstatechange = () => this.options.onState(pathState(connection));
  }

  private async answer(offer: SubscribeOfferMessage): Promise<void> {
    const connection = this.connection;
    if (connection === null || offer.peer !== this.peer) return;
    this.early = null;
    try {
      await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
      await connection.setLocalDescription(await connection.createAnswer());
      this.options.onMedia(mediaOf(connection, offer.sections));
      this.setTarget(this.heldBackMs);
      await this.options.signal.request({
        type: 'subscribe_answer',
        peer: offer.peer,
        offer_id: offer.offer_id,
        sdp: connection.localDescription?.sdp ?? '',
      });
    } catch (error) {
      this.handleFailure(error);
    }
  }

  private handleFailure(error: unknown): void {
    switch (codeOf(error)) {
      case 'offer_outdated': // a newer offer is on its way
      case 'connection_lost': // the server sends the offer again after the welcome
        return;
      default:
        console.warn('An offer could not be answered', error);
        this.recreate();
    }
  }

  private restart(): void {
    if (this.peer === null) return;
    this.options.signal.request({ type: 'subscribe_restart', peer: this.peer }).catch((error: unknown) => {
      if (codeOf(error) === 'peer_unknown') this.recreate();
    });
  }

  private recreate(): void {
    this.drop();
    if (!this.isClosed) void this.open();
  }

  private drop(): void {
    this.watch?.close();
    this.peer = null;
    this.early = null;
    const connection = this.connection;
    this.connection = null;
    if (connection === null) return;
    untrackPeer(connection);
    connection.oniceconnectionstatechange = connection.onconnectionstatechange = null;
    connection.close();
    this.options.onMedia([]);
    this.options.onState(this.isClosed ? 'off' : 'lost');
  }
}

function mediaOf(connection: RTCPeerConnection, sections: readonly Section[]): RemoteMedia[] {
  const byMid = new Map(connection.getTransceivers().map((transceiver) => [transceiver.mid, transceiver]));
  return sections.flatMap((section) => {
    const transceiver = byMid.get(section.mid);
    return transceiver === undefined ? [] : [{ ...section, track: transceiver.receiver.track, receiver: transceiver.receiver }];
  });
}
