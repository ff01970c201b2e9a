/** The lesson so far, by HLS, from a moment on: what a seat missed is played out of this. */
import Hls from 'hls.js';

interface Dated {
  start: number;
  duration: number;
  programDateTime: number | null;
}

const RECOVERIES = 3;
const EDGE_S = 0.3;
/** Of more it would load the newest by parts long before they are played, and a part that was late is a hole by then. */
const BUFFER_S = 8;

/** Where in the playlist a moment lies, in seconds; a moment that was cut out lies where the next begins. */
export function placeOf(momentMs: number, fragments: readonly Dated[]): number {
  let place = 0;
  for (const { start, duration, programDateTime } of fragments) {
    if (programDateTime === null || momentMs < programDateTime) break;
    const intoS = (momentMs - programDateTime) / 1000;
    // Behind the last, it is in what is being made.
    place = start + (fragments.at(-1)?.start === start ? intoS : Math.min(duration, intoS));
  }
  return place;
}

export class Dvr {
  private readonly hls: Hls;
  private recoveries = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    url: string,
    fromMs: number,
    onFailed: () => void,
  ) {
    this.hls = new Hls({ lowLatencyMode: true, autoStartLoad: false, maxBufferLength: BUFFER_S, maxMaxBufferLength: BUFFER_S, backBufferLength: 30 });
    this.hls.once(Hls.Events.LEVEL_LOADED, (_event, { details }) => {
      this.hls.startLoad(placeOf(fromMs, details.fragments));
    });
    this.hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      this.recoveries += 1;
      if (this.recoveries > RECOVERIES) onFailed();
      else if (data.type === Hls.ErrorTypes.MEDIA_ERROR) this.hls.recoverMediaError();
      else if (data.details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR) this.hls.loadSource(url);
      else this.hls.startLoad();
    });
    this.hls.loadSource(url);
    this.hls.attachMedia(video);
  }

  /** When what is shown now was taken, by the server's clock. */
  get playingMs(): number | null {
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    return this.hls.playingDate?.getTime() ?? null;
  }

  /** Whether there is no more to play now. */
  isAtTheEdge(): boolean {
    const details = this.hls.latestLevelDetails;
    return details !== null && details.edge - this.video.currentTime < EDGE_S;
  }

  close(): void {
    this.hls.destroy();
  }
}
