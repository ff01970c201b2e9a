/**
 * One seat's presence in one lesson: joins, holds the socket, applies events, keeps both peers alive.
 *
 * The pages read `view`, `levels` and `media.view`, and ask through `request`; they never touch the socket.
 */
import { RequestError, codeOf } from '../protocol/errors';
import type { EventMessage, Hello, RequestMessage, ServerMessage, WelcomeMessage } from '../protocol/messages';
import type { JoinAnswer } from '../protocol/rest';
import type { TokenStore } from '../protocol/tokens';
import type { DeviceChoice } from '../devices/device-choice';
import { applyEvent } from '../room/reducer';
import { isListenedTo, isOnStage } from '../room/selectors';
import type { RoomState } from '../room/state';
import { roomFromSnapshot } from '../room/state';
import { Observable } from './observable';
import { OwnMedia } from './own-media';
import { PublishPeer } from './publish-peer';
import type { SocketState } from './room-socket';
import { RoomSocket } from './room-socket';
import type { PathState, Signal } from './signal';
import type { RemoteMedia } from './subscribe-peer';
import { SubscribePeer } from './subscribe-peer';
import { Talk } from './talk';

/** `waiting`: somebody in the room must admit this seat. */
export type SessionPhase = 'entering' | 'waiting' | 'in_room' | 'ended' | 'replaced' | 'left' | 'refused';

export interface SessionView {
  phase: SessionPhase;
  /** Why, when the phase is `refused`. */
  code: string | null;
  socket: SocketState;
  lostSinceMs: number | null;
  publishing: PathState;
  subscribing: PathState;
  room: RoomState | null;
  media: readonly RemoteMedia[];
  /** Server clock minus this clock. */
  clockOffsetMs: number;
  /** The last request that was refused, to be said once. */
  notice: { code: string; number: number } | null;
}

const START: SessionView = {
  phase: 'entering',
  code: null,
  socket: 'connecting',
  lostSinceMs: null,
  publishing: 'off',
  subscribing: 'off',
  room: null,
  media: [],
  clockOffsetMs: 0,
  notice: null,
};

/** An access token is good for 10 minutes; past this age the resume key says hello. */
const ACCESS_TOKEN_MARGIN_MS = 60_000;

export class LessonSession implements Signal {
  readonly view = new Observable<SessionView>(START);
  readonly levels = new Observable<ReadonlyMap<string, number>>(new Map());
  readonly talk = new Talk();
  readonly media: OwnMedia;
  private readonly socket: RoomSocket;
  private readonly publisher: PublishPeer;
  private readonly subscriber: SubscribePeer;
  private readonly settling = new Set<string>();
  private hasSubscribed = false;
  private knownPeers: readonly string[] = [];
  private notices = 0;

  constructor(
    readonly joined: JoinAnswer,
    private readonly joinedAtMs: number,
    private readonly tokens: TokenStore,
    choice: DeviceChoice,
  ) {
    const shared = { signal: this, iceServers: joined.ice_servers };
    this.publisher = new PublishPeer({
      ...shared,
      role: joined.seat.role,
      onState: (publishing) => this.view.change({ publishing }),
      onError: (code) => this.say(code),
    });
    this.subscriber = new SubscribePeer({
      ...shared,
      onState: (subscribing) => this.view.change({ subscribing }),
      onMedia: (media) => this.view.change({ media }),
    });
    this.media = new OwnMedia(joined.seat.role, choice, this.publisher);
    this.media.view.subscribe(() => this.settlePublications());
    this.socket = new RoomSocket({
      url: joined.ws_url,
      hello: () => this.hello(),
      events: {
        onState: (state) => this.handleSocketState(state),
        onMessage: (message) => this.handleMessage(message),
        onFinished: (code) => this.finish(code),
      },
    });
  }

  /** The one place where a page's clicks become requests; a refusal is said in words and not thrown. */
  async act(message: RequestMessage): Promise<boolean> {
    try {
      await this.request(message);
      return true;
    } catch (error) {
      this.say(codeOf(error));
      return false;
    }
  }

  request(message: RequestMessage): Promise<Record<string, unknown>> {
    if (this.view.get().socket !== 'connected') {
      return Promise.reject(new RequestError('connection_lost', 'not connected'));
    }
    return this.socket.request(message);
  }

  open(): void {
    window.addEventListener('online', this.handleOnline);
    this.socket.open();
  }

  close(): void {
    window.removeEventListener('online', this.handleOnline);
    this.socket.close();
    this.publisher.close();
    this.subscriber.close();
    this.media.close();
  }

  async leave(): Promise<void> {
    await this.request({ type: 'leave' }).catch(() => undefined);
    this.close();
    this.view.change({ phase: 'left' });
  }

  /** What is received is played so much later; null: as soon as it can be. */
  holdBack(ms: number | null): void {
    this.subscriber.holdBack(ms);
  }

  forgetNotice(): void {
    this.view.change({ notice: null });
  }

  private readonly handleOnline = (): void => {
    if (this.view.get().socket !== 'connected') this.socket.reconnectNow();
  };

  private hello(): { credentials: Hello; resume: { epoch: string; seq: number } | null } {
    const isFresh = Date.now() - this.joinedAtMs < this.joined.expires_in_s * 1000 - ACCESS_TOKEN_MARGIN_MS;
    const room = this.view.get().room;
    const isFirst = room === null;
    return {
      credentials:
        isFirst && isFresh ? { access_token: this.joined.access_token } : { resume_key: this.resumeKey() },
      resume: room === null ? null : { epoch: room.epoch, seq: room.seq },
    };
  }

  private resumeKey(): string {
    return this.tokens.resumeKey(this.joined.lesson.id) ?? this.joined.resume_key;
  }

  private handleSocketState(socket: SocketState): void {
    const isThere = socket === 'connected' || socket === 'waiting';
    const lostSinceMs = isThere ? null : (this.view.get().lostSinceMs ?? Date.now());
    this.view.change({ socket, lostSinceMs });
    if (socket === 'connected') void this.revivePeers();
    else this.levels.set(new Map());
  }

  private async revivePeers(): Promise<void> {
    if (!this.hasSubscribed) {
      this.hasSubscribed = true;
      await Promise.all([this.subscriber.open(), this.media.start()]);
      return;
    }
    this.subscriber.handleSocketBack(this.knownPeers);
    this.publisher.handleSocketBack(this.knownPeers);
    this.settlePublications();
  }

  private handleMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.handleWelcome(message);
        return;
      case 'event':
        this.handleEvents([message]);
        return;
      case 'events':
        this.handleEvents(message.events);
        return;
      case 'subscribe_offer':
        this.subscriber.handleOffer(message);
        return;
      case 'peer_closed':
        this.publisher.handlePeerClosed(message.peer);
        this.subscriber.handlePeerClosed(message.peer);
        return;
      case 'encodings_wanted':
        this.publisher.handleEncodingsWanted(message);
        return;
      case 'levels':
        this.levels.set(
          new Map([...this.levels.get(), ...message.levels.map((level) => [level.publication, level.level_dbov] as const)]),
        );
        return;
      case 'pointer':
        this.talk.handlePointer(message);
        return;
      case 'text_pending':
        this.talk.handlePending(message.text);
        return;
      case 'text_decided':
        this.talk.handleDecided(message.id);
        return;
      case 'text_private':
        this.talk.handlePrivate(message);
        return;
      case 'waiting':
        this.view.change({ phase: 'waiting' });
        return;
      case 'result':
      case 'error':
        return;
    }
  }

  private handleEvents(events: readonly EventMessage[]): void {
    let room = this.view.get().room;
    if (room === null) return;
    for (const event of events) {
      const { outcome, state } = applyEvent(room, event);
      if (outcome === 'gap') {
        this.socket.reconnectNow();
        return;
      }
      room = state;
    }
    if (room !== this.view.get().room) this.setRoom(room);
  }

  private handleWelcome(message: WelcomeMessage): void {
    this.knownPeers = message.peers;
    this.talk.handleWelcome();
    this.view.change({ phase: 'in_room', clockOffsetMs: message.server_time_ms - Date.now() });
    if (message.snapshot !== null) this.setRoom(roomFromSnapshot(message.epoch, message.seq, message.snapshot));
  }

  private setRoom(room: RoomState): void {
    this.view.change({ room });
    const own = this.joined.seat.id;
    void this.media.setOnStage(isOnStage(room, own));
    this.media.setListenedTo(isListenedTo(room, own));
    const isVoiceKnown = [...room.publications.values()].some(
      (one) => one.seat === own && one.source === 'microphone',
    );
    this.media.setVoiceMayRest(isVoiceKnown && room.seats.get(own)?.hand_at_ms === null);
    this.settlePublications();
    if (room.lesson.state === 'ended') this.finish('lesson_ended');
  }

  /** Tells the server of switches that it has not heard of, one request per publication at a time. */
  private settlePublications(): void {
    const { room, socket } = this.view.get();
    if (room === null || socket !== 'connected') return;
    for (const publication of room.publications.values()) {
      if (publication.seat !== this.joined.seat.id || this.settling.has(publication.id)) continue;
      const wanted = this.media.wantedEnabled(publication.source);
      if (wanted === null || wanted === publication.enabled) continue;
      this.settling.add(publication.id);
      this.request({ type: 'publication_enable', publication: publication.id, enabled: wanted })
        .catch((error: unknown) => console.warn('publication_enable', error))
        .finally(() => this.settling.delete(publication.id));
    }
  }

  private say(code: string): void {
    this.notices += 1;
    this.view.change({ notice: { code, number: this.notices } });
  }

  private finish(code: string): void {
    const phase: SessionPhase =
      code === 'lesson_ended' ? 'ended' : code === 'seat_replaced' ? 'replaced' : 'refused';
    this.close();
    this.view.change({ phase, code: phase === 'refused' ? code : null });
  }
}
