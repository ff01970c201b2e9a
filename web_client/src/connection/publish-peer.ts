/**
 * What this seat sends: one RTCPeerConnection, the client offers.
 *
 * `setTrack` states what each source shall carry; negotiations follow one at a time. A source without a track is
 * `inactive` in the next offer; its transceiver is used again when the track comes back.
 */
import type { EncodingsWantedMessage, Role, Source } from '../protocol/messages';
import { codeOf } from '../protocol/errors';
import { trackPeer, untrackPeer } from './diagnostics';
import { PathWatch } from './path-watch';
import { contentHint, degradationPreference, encodingOf, orderCodecs, videoPlan } from './sending';
import type { PathState, Signal } from './signal';
import { pathState, textOf } from './signal';
import { Retry } from './retry';
import { TaskQueue } from './task-queue';

export interface PublishPeerOptions {
  signal: Signal;
  iceServers: RTCIceServer[];
  role: Role;
  onState(state: PathState): void;
  onError(code: string): void;
}

const ORDER: readonly Source[] = ['microphone', 'camera', 'screen', 'screen_audio', 'whisper'];

/**
 * On stage a camera grows from wall tile to full size, and the new size begins with a keyframe. Grown at once, it
 * would come before the rooms have subscribed, and they would wait for the next one.
 */
const GROW_AFTER_MS = 350;

export class PublishPeer {
  private connection: RTCPeerConnection | null = null;
  private peer: string | null = null;
  private watch: PathWatch | null = null;
  private isOnStage = false;
  private growing: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly paused = new Set<Source>();
  private readonly resting = new Set<Source>();
  private readonly wantedRids = new Map<Source, readonly string[]>();
  private readonly transceivers = new Map<Source, RTCRtpTransceiver>();
  private readonly queue = new TaskQueue();
  private readonly retry = new Retry(() => void this.negotiate());

  constructor(private readonly options: PublishPeerOptions) {}

  /** Sets or takes away the track of a source; a mere exchange needs no negotiation. */
  async setTrack(source: Source, track: MediaStreamTrack | null): Promise<void> {
    this.paused.delete(source);
    if (track === null) this.tracks.delete(source);
    else {
      track.contentHint = contentHint(source);
      this.tracks.set(source, track);
    }
    const transceiver = this.transceivers.get(source);
    if (transceiver !== undefined && transceiver.direction === 'sendonly' && track !== null) {
      await transceiver.sender.replaceTrack(track);
      return;
    }
    await this.negotiate();
  }

  /** Sends nothing of a source for now, but keeps its section: `setTrack` resumes it without a negotiation. */
  async pauseTrack(source: Source): Promise<void> {
    this.tracks.delete(source);
    this.paused.add(source);
    await this.transceivers.get(source)?.sender.replaceTrack(null);
  }

  /** Sends nothing any more: the peer is given back. */
  clear(): void {
    this.tracks.clear();
    this.paused.clear();
    const former = this.peer;
    this.drop();
    this.options.onState('off');
    if (former !== null) this.options.signal.request({ type: 'unpublish', peer: former }).catch(() => undefined);
  }

  /** A resting source keeps its track and its section and sends no packet. */
  setResting(source: Source, isResting: boolean): void {
    if (this.resting.has(source) === isResting) return;
    if (isResting) this.resting.add(source);
    else this.resting.delete(source);
    const transceiver = this.transceivers.get(source);
    if (transceiver !== undefined) void this.applyPlan(source, transceiver);
  }

  /** Of several encodings, those that nobody gets are stopped until they are named again. */
  handleEncodingsWanted(wanted: EncodingsWantedMessage): void {
    if (wanted.peer !== this.peer) return;
    for (const [source, transceiver] of this.transceivers) {
      if (transceiver.mid !== wanted.mid) continue;
      this.wantedRids.set(source, wanted.rids);
      void this.applyPlan(source, transceiver);
    }
  }

  setOnStage(isOnStage: boolean): void {
    if (this.isOnStage === isOnStage) return;
    this.isOnStage = isOnStage;
    clearTimeout(this.growing);
    this.growing = setTimeout(() => void this.applyPlans(), isOnStage ? GROW_AFTER_MS : 0);
  }

  /** The socket is back: what still runs is left alone, unless the server has lost it. */
  handleSocketBack(knownPeers: readonly string[]): void {
    const isKnown = this.peer !== null && knownPeers.includes(this.peer);
    if (isKnown && this.connection?.connectionState === 'connected') return;
    if (this.connection !== null || this.tracks.size > 0) this.recreate();
  }

  handlePeerClosed(peer: string): void {
    if (peer === this.peer) this.recreate();
  }

  close(): void {
    this.isClosed = true;
    this.retry.close();
    this.drop();
  }

  private negotiate(restartIce = false): Promise<void> {
    return this.queue.run(async () => {
      if (this.isClosed || (this.connection === null && this.tracks.size === 0)) return;
      try {
        await this.offer(restartIce);
        this.retry.reset();
      } catch (error) {
        await this.handleFailure(codeOf(error), error);
      }
    });
  }

  private async handleFailure(code: string, error: unknown): Promise<void> {
    switch (code) {
      case 'connection_lost':
        this.drop(); // handleSocketBack begins anew
        return;
      case 'timeout':
      case 'unavailable':
      case 'rate_limited':
        this.drop();
        this.retry.schedule();
        return;
      case 'peer_unknown':
        this.drop();
        await this.offer(false).catch((again: unknown) => this.options.onError(codeOf(again)));
        return;
      default:
        console.warn('Publishing was refused', error);
        this.options.onError(code);
    }
  }

  private async offer(restartIce: boolean): Promise<void> {
    const connection = this.connection ?? this.create();
    await this.matchTransceivers(connection);
    if (restartIce) connection.restartIce();
    await connection.setLocalDescription(await connection.createOffer());
    const body = await this.options.signal.request({
      type: 'publish',
      peer: this.peer,
      sdp: connection.localDescription?.sdp ?? '',
      sources: this.sourcesByMid(),
    });
    if (connection !== this.connection) return;
    this.peer = textOf(body, 'peer');
    await connection.setRemoteDescription({ type: 'answer', sdp: textOf(body, 'sdp') });
    await this.applyPlans();
  }

  private create(): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers: this.options.iceServers, bundlePolicy: 'max-bundle' });
    this.connection = connection;
    trackPeer(connection);
    const watch = new PathWatch({ restart: () => void this.negotiate(true), recreate: () => this.recreate() });
    this.watch = watch;
    connection.oniceconnectionstatechange = () => watch.handleState(connection.iceConnectionState);
    connection.onconnectionstatechange = () => this.options.onState(pathState(connection));
    this.options.onState('connecting');
    return connection;
  }

  private async matchTransceivers(connection: RTCPeerConnection): Promise<void> {
    for (const source of ORDER) {
      const track = this.tracks.get(source) ?? null;
      const present = this.transceivers.get(source);
      if (present !== undefined) {
        present.direction = track === null && !this.paused.has(source) ? 'inactive' : 'sendonly';
        await present.sender.replaceTrack(track);
      } else if (track !== null) {
        this.transceivers.set(source, this.addTransceiver(connection, source, track));
      }
    }
  }

  private addTransceiver(connection: RTCPeerConnection, source: Source, track: MediaStreamTrack): RTCRtpTransceiver {
    const init: RTCRtpTransceiverInit = { direction: 'sendonly' };
    if (track.kind === 'video') init.sendEncodings = [encodingOf(this.planOf(source))];
    const transceiver = connection.addTransceiver(track, init);
    if (track.kind === 'video') {
      const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs;
      if (codecs !== undefined) transceiver.setCodecPreferences(orderCodecs(codecs));
    }
    return transceiver;
  }

  private planOf(source: Source) {
    return videoPlan(source, this.options.role, this.isOnStage);
  }

  private async applyPlans(): Promise<void> {
    for (const [source, transceiver] of this.transceivers) await this.applyPlan(source, transceiver);
  }

  private async applyPlan(source: Source, transceiver: RTCRtpTransceiver): Promise<void> {
    const sender = transceiver.sender;
    const parameters = sender.getParameters();
    const encoding = parameters.encodings[0];
    if (encoding === undefined) return;
    const wanted = this.wantedRids.get(source);
    for (const one of parameters.encodings) {
      const isWanted = wanted === undefined || one.rid === undefined || wanted.includes(one.rid);
      one.active = isWanted && !this.resting.has(source);
    }
    if (sender.track?.kind === 'video') {
      Object.assign(encoding, encodingOf(this.planOf(source)));
      parameters.degradationPreference = degradationPreference(source, this.options.role);
    }
    await sender.setParameters(parameters).catch((error: unknown) => console.warn('setParameters', error));
  }

  private sourcesByMid(): Record<string, Source> {
    const sources: Record<string, Source> = {};
    for (const [source, transceiver] of this.transceivers) {
      if (transceiver.mid !== null) sources[transceiver.mid] = source;
    }
    return sources;
  }

  private recreate(): void {
    const former = this.peer;
    this.drop();
    if (this.isClosed) return;
    this.options.onState('lost');
    if (former !== null) this.options.signal.request({ type: 'unpublish', peer: former }).catch(() => undefined);
    void this.negotiate();
  }

  private drop(): void {
    clearTimeout(this.growing);
    this.watch?.close();
    this.transceivers.clear();
    this.wantedRids.clear();
    this.peer = null;
    const connection = this.connection;
    this.connection = null;
    if (connection === null) return;
    untrackPeer(connection);
    connection.oniceconnectionstatechange = connection.onconnectionstatechange = null;
    connection.close();
    this.options.onState(this.isClosed ? 'off' : 'lost');
  }
}
