import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoomSocketEvents } from './room-socket';
import { RoomSocket } from './room-socket';

/** The browser's WebSocket as far as RoomSocket uses it, driven by the test. */
class DrivenSocket {
  static readonly OPEN = 1;
  static all: DrivenSocket[] = [];
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((frame: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly subprotocol: string,
  ) {
    DrivenSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = DrivenSocket.OPEN;
    this.onopen?.();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const WELCOME = {
  type: 'welcome',
  seat: 'seat_1',
  role: 'classroom',
  epoch: 'ep_1',
  seq: 5,
  resumed: true,
  permissions: [],
  server_time_ms: 1,
  heartbeat_s: 5,
  peers: [],
  snapshot: null,
};

describe('RoomSocket', () => {
  let states: string[];
  let finished: string[];
  let socket: RoomSocket;
  const newest = (): DrivenSocket => DrivenSocket.all.at(-1) as DrivenSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', DrivenSocket);
    DrivenSocket.all = [];
    states = [];
    finished = [];
    const events: RoomSocketEvents = {
      onState: (state) => states.push(state),
      onMessage: () => undefined,
      onFinished: (code) => finished.push(code),
    };
    const resume = { epoch: 'ep_1', seq: 5 };
    socket = new RoomSocket({ url: 'ws://host/ws', hello: () => ({ credentials: { resume_key: 'key' }, resume }), events });
    socket.open();
    newest().accept();
  });
  afterEach(() => {
    socket.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('says hello with its key and position first', () => {
    expect(newest().subprotocol).toBe('tandem.v1');
    expect(newest().sent).toEqual([{ type: 'hello', resume_key: 'key', resume: { epoch: 'ep_1', seq: 5 } }]);
  });

  it('matches answers to requests', async () => {
    newest().say(WELCOME);
    const granted = socket.request({ type: 'floor_request' });
    const refused = socket.request({ type: 'mute_all' });
    const [first, second] = newest().sent.slice(1);
    newest().say({ type: 'error', id: second?.['id'], code: 'not_permitted', message: '' });
    newest().say({ type: 'result', id: first?.['id'] });
    await expect(granted).resolves.toMatchObject({ type: 'result' });
    await expect(refused).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('comes back with growing pauses, and rejects what was outstanding', async () => {
    newest().say(WELCOME);
    const request = socket.request({ type: 'floor_request' });
    newest().onclose?.({ code: 1006 });
    await expect(request).rejects.toMatchObject({ code: 'connection_lost' });
    expect(states).toEqual(['connected', 'lost']);
    for (const limitMs of [320, 640, 1280]) {
      const before = DrivenSocket.all.length;
      vi.advanceTimersByTime(limitMs);
      expect(DrivenSocket.all.length).toBe(before + 1);
      newest().onclose?.({ code: 1006 });
    }
  });

  it.each([
    [4401, 'token_invalid'],
    [4403, 'seat_removed'],
    [4409, 'seat_replaced'],
    [4410, 'lesson_ended'],
  ])('stays away after %i', (closeCode, code) => {
    newest().say(WELCOME);
    newest().onclose?.({ code: closeCode });
    vi.advanceTimersByTime(60_000);
    expect(DrivenSocket.all.length).toBe(1);
    expect(finished).toEqual([code]);
  });

  it('takes the more exact reason from the error before the close', () => {
    newest().say({ type: 'error', id: null, code: 'token_expired', message: '' });
    newest().onclose?.({ code: 4401 });
    expect(finished).toEqual(['token_expired']);
  });

  it('takes a silent socket for dead after 12 seconds', () => {
    newest().say(WELCOME);
    vi.advanceTimersByTime(15_000);
    expect(states).toContain('lost');
  });

  it('waits to be admitted for as long as it takes, and says that it is alive', () => {
    newest().say({ type: 'waiting' });
    expect(states).toEqual(['waiting']);
    for (let second = 0; second < 60; second += 5) {
      vi.advanceTimersByTime(5_000);
      expect(newest().sent.at(-1)).toMatchObject({ type: 'ping' });
      newest().say({ type: 'result', id: String(newest().sent.at(-1)?.['id']), server_time_ms: 1 });
    }
    newest().say(WELCOME);
    expect(states).toEqual(['waiting', 'connected']);
  });

  it('says why nobody admitted it', () => {
    newest().say({ type: 'waiting' });
    newest().say({ type: 'error', id: null, code: 'not_admitted', message: '' });
    newest().onclose?.({ code: 4403 });
    expect(finished).toEqual(['not_admitted']);
  });

  it('stays when its pings are answered', () => {
    newest().say(WELCOME);
    for (let second = 0; second < 30; second += 5) {
      vi.advanceTimersByTime(5_000);
      newest().say({ type: 'result', id: String(newest().sent.at(-1)?.['id']), server_time_ms: 1 });
    }
    expect(states).toEqual(['connected']);
  });
});
