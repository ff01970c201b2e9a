/** One call to the REST face: JSON or a file in, JSON out, problems as RequestError. */
import { RequestError } from './errors';

export interface Sent {
  body?: unknown;
  /** Goes as it is, instead of `body`. */
  file?: Blob;
  ifMatch?: string;
  /** Goes on when the page is left. */
  isKeptAlive?: boolean;
}

export interface Answer<T> {
  body: T;
  etag: string;
  /** The path of the next page of a list. */
  next: string | null;
}

const TIMEOUT_MS = 10_000;
const UPLOAD_TIMEOUT_MS = 60_000;
const PREFIX = '/api/v1';

/** One exchange. Raises RequestError for whatever is not a success. */
export async function exchange(method: string, path: string, token: string | null, sent: Sent = {}): Promise<Response> {
  const { body, file, ifMatch, isKeptAlive = false } = sent;
  const headers = new Headers();
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (file !== undefined) headers.set('Content-Type', file.type);
  if (ifMatch !== undefined) headers.set('If-Match', ifMatch);
  let response: Response;
  try {
    response = await fetch(PREFIX + path, {
      method,
      headers,
      body: file ?? (body === undefined ? null : JSON.stringify(body)),
      cache: 'no-store',
      keepalive: isKeptAlive,
      signal: AbortSignal.timeout(file === undefined ? TIMEOUT_MS : UPLOAD_TIMEOUT_MS),
    });
  } catch {
    throw new RequestError(navigator.onLine ? 'unavailable' : 'offline', `${method} ${path}: no answer`);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function request<T>(method: string, path: string, token: string | null, sent: Sent = {}): Promise<Answer<T>> {
  const response = await exchange(method, path, token, sent);
  return {
    body: (response.status === 204 ? null : await response.json()) as T,
    etag: response.headers.get('ETag') ?? '*',
    next: nextPage(response.headers.get('Link')),
  };
}

/** What is answered, for calls that need no more. */
export async function call<T>(method: string, path: string, token: string | null, body?: unknown): Promise<T> {
  return (await request<T>(method, path, token, { body })).body;
}

/** `<http://host/api/v1/users?cursor=…>; rel="next"` as the path below the prefix. */
export function nextPage(link: string | null): string | null {
  const address = /^<[^<>]*?\/api\/v1(\/[^<>]*)>;\s*rel="next"$/.exec(link ?? '')?.[1];
  return address ?? null;
}

export async function problemOf(response: Response): Promise<RequestError> {
  const retryAfterS = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(retryAfterS) ? retryAfterS * 1000 : null;
  try {
    const problem = (await response.json()) as Record<string, unknown>;
    const code = typeof problem['code'] === 'string' ? problem['code'] : 'internal_error';
    return new RequestError(code, typeof problem['detail'] === 'string' ? problem['detail'] : '', retryAfterMs, problem);
  } catch {
    return new RequestError(response.status >= 500 ? 'unavailable' : 'internal_error', response.statusText, retryAfterMs);
  }
}
