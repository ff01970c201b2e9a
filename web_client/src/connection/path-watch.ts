/**
 * The rule of protocol.md section 5 for one RTCPeerConnection: `disconnected` for 2 s asks for an ICE restart,
 * `failed` (or a restart that brings nothing in 8 s) for a new peer connection.
 */
const DISCONNECTED_LIMIT_MS = 2_000;
const RESTART_LIMIT_MS = 8_000;

export interface PathActions {
  restart(): void;
  recreate(): void;
}

export class PathWatch {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private restarting = false;

  constructor(private readonly actions: PathActions) {}

  handleState(state: RTCIceConnectionState): void {
    switch (state) {
      case 'connected':
      case 'completed':
        this.close();
        this.restarting = false;
        return;
      case 'disconnected':
        if (!this.restarting) this.after(DISCONNECTED_LIMIT_MS, () => this.restart());
        return;
      case 'failed':
        this.close();
        this.actions.recreate();
        return;
      case 'new':
      case 'checking':
      case 'closed':
        return;
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private restart(): void {
    this.restarting = true;
    this.actions.restart();
    this.after(RESTART_LIMIT_MS, () => {
      this.restarting = false;
      this.actions.recreate();
    });
  }

  private after(ms: number, action: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, ms);
  }
}
