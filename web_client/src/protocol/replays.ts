/** What the player asks for and tells (docs/resources.md, "Watching"). */
import type { DeckPage } from './decks';
import { call, exchange } from './http';
import type { Timeline } from './rest';

export interface Rendition {
  width: number;
  height: number;
  bit_rate_bps: number;
}

export interface Picture {
  resource: string;
  kind: 'teacher' | 'screen' | 'stage';
  seat: string | null;
  classroom: string;
  hls_url: string;
  poster_url: string | null;
  storyboard_url: string | null;
  renditions: readonly Rendition[];
}

export interface Captions {
  id: string;
  language: string;
  label: string;
  url: string;
  is_automatic: boolean;
}

export interface Download {
  kind: 'lesson' | 'audio' | 'slides';
  url: string;
  bytes: number;
}

export interface ReplayDeck {
  id: string;
  title: string;
  pages: readonly DeckPage[];
}

export interface Replay {
  resource: string;
  lesson: string;
  title: string;
  version: string | null;
  state: 'pending' | 'playable' | 'ready' | 'failed' | 'erased';
  is_published: boolean;
  duration_ms: number;
  expires_at_ms: number;
  pictures: readonly Picture[];
  sound: { hls_url: string } | null;
  captions: readonly Captions[];
  downloads: readonly Download[];
  decks: readonly ReplayDeck[];
  position_ms: number;
}

export interface ViewProgress {
  version: string | null;
  position_ms: number;
  played: readonly (readonly [number, number])[];
  is_playing: boolean;
  is_over: boolean;
}

/** Who administers says why a recording is looked at; everybody else need not. */
const withReason = (path: string, reason: string): string => (reason === '' ? path : `${path}?${new URLSearchParams({ reason }).toString()}`);

export const replays = {
  replay: (resource: string, token: string, reason: string) => call<Replay>('GET', withReason(`/resources/${resource}/replay`, reason), token),
  timeline: (resource: string, token: string, reason: string) =>
    call<Timeline>('GET', withReason(`/resources/${resource}/timeline`, reason), token),
  captions: async (url: string, token: string) => (await exchange('GET', url.replace(/^\/api\/v1/, ''), token)).text(),
  beginView: (resource: string, token: string, reason: string) =>
    call<{ id: string }>('POST', withReason(`/resources/${resource}/views`, reason), token),
  /** Arrives also when the page is closed meanwhile. */
  tellView: (view: string, token: string, progress: ViewProgress) =>
    exchange('PUT', `/views/${view}`, token, { body: progress, isKeptAlive: true }),
};
