/**
 * The page images of a lesson's decks, fetched before they are needed and kept in the browser's cache by their SHA-256:
 * a page turn needs no network then. One store for each lesson in this tab.
 *
 * Without the Cache API (plain HTTP on another host than localhost) the images are kept in memory.
 */
import { backoffDelay, DECK_RETRY } from '../connection/backoff';
import { Observable } from '../connection/observable';
import { restToken } from '../pages/rest-token';
import type { Deck } from '../protocol/board';
import type { DeckPage, StoredDeck } from '../protocol/decks';
import { decksOf } from '../protocol/decks';

export interface PagesView {
  decks: ReadonlyMap<string, StoredDeck>;
  /** Pages that are here, of how many. */
  done: number;
  of: number;
  /** The last attempt to fetch failed; the next comes by itself. */
  isWaiting: boolean;
}

const CACHE_PREFIX = 'tandem-pages-';
const SHOWN_IMAGES = 12;
const PAGE_TIMEOUT_MS = 60_000;

interface Shelf {
  get: (name: string) => Promise<Blob | null>;
  put: (name: string, image: Blob) => Promise<void>;
}

async function openShelf(lesson: string): Promise<Shelf> {
  if (typeof caches === 'undefined') return shelfInMemory();
  const own = CACHE_PREFIX + lesson;
  for (const name of await caches.keys()) {
    if (name.startsWith(CACHE_PREFIX) && name !== own) await caches.delete(name);
  }
  const cache = await caches.open(own);
  const memory = shelfInMemory();
  // A full disk hides no page: what the cache does not take stays in memory.
  return {
    get: async (name) => (await memory.get(name)) ?? (await (await cache.match(`/slides/${name}`))?.blob()) ?? null,
    put: (name, image) => cache.put(`/slides/${name}`, new Response(image)).catch(() => memory.put(name, image)),
  };
}

function shelfInMemory(): Shelf {
  const images = new Map<string, Blob>();
  return {
    get: (name) => Promise.resolve(images.get(name) ?? null),
    put: (name, image) => Promise.resolve(void images.set(name, image)),
  };
}

async function hasName(image: Blob, sha256: string): Promise<boolean> {
  if (typeof crypto.subtle === 'undefined') return true; // outside of a secure context there is no SHA-256
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await image.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}

export class PageStore {
  readonly view = new Observable<PagesView>({ decks: new Map(), done: 0, of: 0, isWaiting: false });
  private readonly shelf: Promise<Shelf>;
  private readonly here = new Set<string>();
  private readonly shown = new Map<string, string>();
  private wanted = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly lesson: string) {
    this.shelf = openShelf(lesson).catch(shelfInMemory);
  }

  /** The decks that the room has now; what is new is fetched. */
  follow(decks: readonly Deck[]): void {
    const wanted = decks.map((deck) => deck.id).join(' ');
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    void this.fetchAll(wanted, 0);
  }

  /** An address for an <img>, from what is kept here or from the network. Raises what `fetch` raises. */
  async image(page: DeckPage): Promise<string> {
    const known = this.shown.get(page.sha256);
    if (known !== undefined) return known;
    const image = await this.blob(page);
    const address = this.shown.get(page.sha256) ?? URL.createObjectURL(image); // another call may have been faster
    this.shown.set(page.sha256, address);
    for (const [name, old] of [...this.shown].slice(0, -SHOWN_IMAGES)) {
      URL.revokeObjectURL(old);
      this.shown.delete(name);
    }
    return address;
  }

  private async fetchAll(wanted: string, attempt: number): Promise<void> {
    clearTimeout(this.timer);
    try {
      const listed = wanted === '' ? [] : await decksOf(this.lesson, await restToken(this.lesson));
      if (wanted !== this.wanted) return;
      const decks = new Map(listed.filter((deck) => deck.state === 'ready').map((deck) => [deck.id, deck] as const));
      const pages = [...decks.values()].flatMap((deck) => deck.pages);
      this.tell(decks, pages);
      for (const page of pages) {
        await this.blob(page);
        if (wanted !== this.wanted) return;
        this.tell(decks, pages);
      }
    } catch (error) {
      if (wanted !== this.wanted) return;
      console.warn('pages', error);
      this.view.change({ isWaiting: true });
      this.timer = setTimeout(() => void this.fetchAll(wanted, attempt + 1), backoffDelay(DECK_RETRY, attempt, Math.random()));
    }
  }

  private tell(decks: ReadonlyMap<string, StoredDeck>, pages: readonly DeckPage[]): void {
    const done = pages.filter((page) => this.here.has(page.sha256)).length;
    this.view.set({ decks, done, of: pages.length, isWaiting: false });
  }

  private async blob(page: DeckPage): Promise<Blob> {
    const shelf = await this.shelf;
    const kept = await shelf.get(page.sha256);
    if (kept !== null) {
      this.here.add(page.sha256);
      return kept;
    }
    const response = await fetch(page.url, { signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
    const image = response.ok ? await response.blob() : null;
    if (image === null || !(await hasName(image, page.sha256))) throw new Error(`page ${page.sha256}: ${response.status}`);
    await shelf.put(page.sha256, image);
    this.here.add(page.sha256);
    return image;
  }
}
