/** Decks and photos over REST (docs/protocol.md section 7). */
import { RequestError } from './errors';
import { call, exchange, problemOf, request } from './http';

export interface DeckPage {
  page: number;
  sha256: string;
  width: number;
  height: number;
  bytes: number;
  url: string;
  thumbnail_url: string;
}

export interface StoredDeck {
  id: string;
  title: string;
  state: 'processing' | 'ready' | 'failed';
  reason: string | null;
  page_count: number | null;
  pages_done: number;
  pages: readonly DeckPage[];
}

export interface Photo {
  id: string;
  seat: string;
  classroom: string | null;
  width: number;
  height: number;
  url: string;
}

export const MAX_PDF_BYTES = 50 * 1024 * 1024;
/** An upload of which nothing more arrives for so long is given up. */
export const STALL_MS = 60_000;

export const decksOf = (lesson: string, token: string): Promise<StoredDeck[]> => call('GET', `/lessons/${lesson}/decks`, token);
export const photosOf = (lesson: string, token: string): Promise<Photo[]> => call('GET', `/lessons/${lesson}/photos`, token);

export async function deleteDeck(lesson: string, token: string, deck: string): Promise<void> {
  await exchange('DELETE', `/lessons/${lesson}/decks/${deck}`, token);
}

export async function uploadPhoto(lesson: string, token: string, photo: Blob): Promise<Photo> {
  return (await request<Photo>('POST', `/lessons/${lesson}/photos`, token, { file: photo })).body;
}

/** XMLHttpRequest, because `fetch` does not tell how much has been sent. */
export function uploadDeck(lesson: string, token: string, pdf: File, tell: (sentRatio: number) => void): Promise<StoredDeck> {
  const title = pdf.name.replace(/\.pdf$/i, '').slice(0, 120);
  return new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const progress = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => upload.abort(), STALL_MS);
    };
    upload.open('POST', `/api/v1/lessons/${lesson}/decks?title=${encodeURIComponent(title)}`);
    upload.setRequestHeader('Authorization', `Bearer ${token}`);
    upload.setRequestHeader('Content-Type', 'application/pdf');
    upload.upload.onprogress = (event) => {
      progress();
      tell(event.total === 0 ? 0 : event.loaded / event.total);
    };
    upload.onerror = () => reject(new RequestError('unavailable', 'the upload broke off'));
    upload.onabort = () => reject(new RequestError('timeout', 'the upload did not go on'));
    upload.onload = () => {
      if (upload.status === 201) resolve(JSON.parse(upload.responseText) as StoredDeck);
      else problemOf(new Response(upload.responseText, { status: upload.status })).then(reject, reject);
    };
    upload.onloadend = () => clearTimeout(timer);
    progress();
    upload.send(pdf);
  });
}
