/**
 * The socket of one seat: says hello, resumes, answers requests, and comes back by itself (protocol.md section 2).
 *
 * Invariants: at most one WebSocket lives; requests outstanding at a loss are rejected with `connection_lost`,
 * never sent twice; after `close()` or a final close code nothing more is called.
 */
import type { EventPosition, Hello, RequestMessage, ServerMessage } from '../protocol/messages';
import { parseServerMessage, serializeHello, serializeRequest } from '../protocol/codec';
import { RequestError } from '../protocol/errors';
import { RECONNECT, backoffDelay } from './backoff';

const SUBPROTOCOL = 'tandem.v1';
const REQUEST_TIMEOUT_MS = 10_000;
const OPEN_TIMEOUT_MS = 8_000;
/** A socket that brought nothing for this long is taken for dead; the server does the same. */
const SILENCE_LIMIT_MS = 12_000;

/** `waiting`: open, but the seat is not admitted yet and may ask for nothing. */
export type SocketState = 'connecting' | 'waiting' | 'connected' | 'lost';

export interface RoomSocketEvents {
  onState(state: SocketState): void;
  onMessage(message: ServerMessage): void;
  /** It will not come back by itself; the code says why. */
  onFinished(code: string): void;
}

export interface RoomSocketOptions {
  url: string;
  /** Asked before each attempt, so that a newer key or position is used. */
  hello(): { credentials: Hello; resume: EventPosition | null };
  events: RoomSocketEvents;
}

interface Outstanding {
  resolve(body: Record<string, unknown>): void;
  reject(error: RequestError): void;
  timer: ReturnType<typeof setTimeout>;
}

/** Close codes after which a client does not reconnect by itself. */
const FINAL_CLOSES: ReadonlyMap<number, string> = new Map([
  [4401, 'token_invalid'],
  [4403, 'seat_removed'],
  [4404, 'lesson_unknown'],
  [4409, 'seat_replaced'],
  [4410, 'lesson_ended'],
]);

export class RoomSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private nextId = 1;
  private heartbeatMs = 5_000;
  private lastHeardMs = 0;
  private refusal: string | null = null;
  private finished = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private openTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeatTimer: ReturnType<typeof setInterval> | undefined;
  private readonly outstanding = new Map<string, Outstanding>();

  constructor(private readonly options: RoomSocketOptions) {}

  open(): void {
    this.finished = false;
    this.connect();
  }

  close(): void {
    this.finished = true;
    this.drop();
  }

  /** Drops the present socket and resumes at once: a gap was seen, or the network came back. */
  reconnectNow(): void {
    if (this.finished) return;
    this.attempt = 0;
    this.drop();
    this.options.events.onState('lost');
    this.connect();
  }

  request(message: RequestMessage): Promise<Record<string, unknown>> {
    const socket = this.socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new RequestError('connection_lost', 'the socket is not open'));
    }
    const id = String(this.nextId++);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.outstanding.delete(id);
        reject(new RequestError('timeout', `${message.type}: no answer`));
      }, REQUEST_TIMEOUT_MS);
      this.outstanding.set(id, { resolve, reject, timer });
      socket.send(serializeRequest(id, message));
    });
  }

  private connect(): void {
    clearTimeout(this.retryTimer);
    const socket = new WebSocket(this.options.url, SUBPROTOCOL);
    this.socket = socket;
    this.refusal = null;
    this.openTimer = setTimeout(() => this.lose(socket), OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      const { credentials, resume } = this.options.hello();
      socket.send(serializeHello(resume === null ? credentials : { ...credentials, resume }));
    };
    socket.onmessage = (frame: MessageEvent) => this.handleFrame(socket, frame.data);
    socket.onclose = (closed: CloseEvent) => this.handleClose(socket, closed.code);
  }

  private handleFrame(socket: WebSocket, data: unknown): void {
    if (socket !== this.socket || typeof data !== 'string') return;
    this.lastHeardMs = Date.now();
    let message: ServerMessage;
    try {
      message = parseServerMessage(data);
    } catch (error) {
      console.warn('A frame of the server was not understood', error);
      return;
    }
    switch (message.type) {
      case 'welcome':
        clearTimeout(this.openTimer);
        this.attempt = 0;
        this.heartbeatMs = Math.max(1, message.heartbeat_s) * 1000;
        this.startHeartbeat(socket);
        this.options.events.onMessage(message);
        this.options.events.onState('connected');
        return;
      case 'waiting':
        clearTimeout(this.openTimer);
        this.attempt = 0;
        this.startHeartbeat(socket);
        this.options.events.onMessage(message);
        this.options.events.onState('waiting');
        return;
      case 'result':
        this.settle(message.id)?.resolve(message.body);
        return;
      case 'error':
        if (message.id === null) this.refusal = message.code;
        else this.settle(message.id)?.reject(new RequestError(message.code, message.message));
        return;
      default:
        this.options.events.onMessage(message);
    }
  }

  private settle(id: string): Outstanding | undefined {
    const outstanding = this.outstanding.get(id);
    if (outstanding !== undefined) {
      this.outstanding.delete(id);
      clearTimeout(outstanding.timer);
    }
    return outstanding;
  }

  private handleClose(socket: WebSocket, closeCode: number): void {
    if (socket !== this.socket) return;
    const final = FINAL_CLOSES.get(closeCode);
    if (final === undefined) {
      this.lose(socket);
      return;
    }
    const code = this.refusal ?? final;
    this.close();
    this.options.events.onFinished(code);
  }

  private lose(socket: WebSocket): void {
    if (socket !== this.socket || this.finished) return;
    this.drop();
    this.options.events.onState('lost');
    const delayMs = backoffDelay(RECONNECT, this.attempt, Math.random());
    this.attempt += 1;
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  private drop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.openTimer);
    clearInterval(this.heartbeatTimer);
    const socket = this.socket;
    this.socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(1000);
    }
    for (const id of [...this.outstanding.keys()]) {
      this.settle(id)?.reject(new RequestError('connection_lost', 'the connection was lost'));
    }
  }

  /** Browsers hide WebSocket pings from pages, so the page asks for a sign of life itself. */
  private startHeartbeat(socket: WebSocket): void {
    clearInterval(this.heartbeatTimer);
    this.heartbeatTimer = setInterval(() => {
      if (Date.now() - this.lastHeardMs > SILENCE_LIMIT_MS) {
        this.lose(socket);
        return;
      }
      this.request({ type: 'ping' }).catch(() => undefined);
    }, this.heartbeatMs);
  }
}
