/** Decks and photos over REST (docs/protocol.md section 7). */
import { RequestError } from './errors';
import { call, problemOf } from './http';

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
const PHOTO_TIMEOUT_MS = 60_000;
const DELETE_TIMEOUT_MS = 10_000;

export const decksOf = (lesson: string, token: string): Promise<StoredDeck[]> => call('GET', `/lessons/${lesson}/decks`, token);
export const photosOf = (lesson: string, token: string): Promise<Photo[]> => call('GET', `/lessons/${lesson}/photos`, token);

async function send(method: string, path: string, token: string, body: Blob | null, timeoutMs: number): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, ...(body === null ? {} : { 'Content-Type': body.type }) };
  const response = await fetch(`/api/v1${path}`, { method, headers, body, signal: AbortSignal.timeout(timeoutMs) }).catch(() => {
    throw new RequestError('unavailable', `${method} ${path}: no answer`);
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function deleteDeck(lesson: string, token: string, deck: string): Promise<void> {
  await send('DELETE', `/lessons/${lesson}/decks/${deck}`, token, null, DELETE_TIMEOUT_MS);
}

export async function uploadPhoto(lesson: string, token: string, photo: Blob): Promise<Photo> {
  return (await (await send('POST', `/lessons/${lesson}/photos`, token, photo, PHOTO_TIMEOUT_MS)).json()) as Photo;
}

/** XMLHttpRequest, because `fetch` does not tell how much has been sent. */
export function uploadDeck(lesson: string, token: string, pdf: File, tell: (sentRatio: number) => void): Promise<StoredDeck> {
  const title = pdf.name.replace(/\.pdf$/i, '').slice(0, 120);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/lessons/${lesson}/decks?title=${encodeURIComponent(title)}`);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', 'application/pdf');
    request.upload.onprogress = (event) => tell(event.total === 0 ? 0 : event.loaded / event.total);
    request.onerror = () => reject(new RequestError('unavailable', 'the upload broke off'));
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as StoredDeck);
      else problemOf(new Response(request.responseText, { status: request.status })).then(reject, reject);
    };
    request.send(pdf);
  });
}
