// Asks the server: typed by the OpenAPI document, cookies sent, errors as RFC 9457 problems.
import type { paths } from './api-types';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Parameters<O, Where extends string> = O extends { parameters: { [W in Where]?: infer V } }
  ? NonNullable<V>
  : never;
type Body<O> = O extends { requestBody?: { content: infer C } } ? C[keyof C] : never;
type Json<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
type Answer<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never;

/** What a request carries; a field is there only where the operation takes it. */
export interface Asking<O> {
  path?: Parameters<O, 'path'>;
  query?: Parameters<O, 'query'>;
  /** An object is sent as JSON; FormData and Blob as they are. */
  body?: Body<O> | FormData | Blob;
  signal?: AbortSignal;
}

/** What went wrong, in the server's words. `status` is 0 where there was no answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** What the server calls it, where it has a name that stays. */
    readonly type = '',
  ) {
    super(detail ? `${title}: ${detail}` : title);
  }
}

type Asks<M extends Method> = <P extends PathsWith<M>>(
  path: P,
  asking?: Asking<Operation<P, M>>,
) => Promise<Answer<Operation<P, M>>>;

function asks<M extends Method>(method: M): Asks<M> {
  return (path, asking = {}) => send(method, path as string, asking as Asking<never>) as never;
}

/** `await api.get('/api/tracks/{id}', { path: { id } })` */
export const api = {
  get: asks('get'),
  post: asks('post'),
  put: asks('put'),
  patch: asks('patch'),
  delete: asks('delete'),
};

/** The address of a path of the API below <base href>: for <img>, <audio> and EventSource. */
export function address(
  path: string,
  values: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const url = new URL(filled.replace(/^\//, ''), document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
  }
  return url.href;
}

let refused: () => void = () => undefined;

/** Calls `run` whenever the server does not know (any more) who asks. */
export function whenRefused(run: () => void): void {
  refused = run;
}

async function send(method: Method, path: string, asking: Asking<unknown>): Promise<unknown> {
  const { body, signal } = asking;
  const raw = body instanceof FormData || body instanceof Blob;
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Segue': '1' }; // the header against CSRF
  if (body !== undefined && !raw) headers['Content-Type'] = 'application/json';
  let answer: Response;
  try {
    answer = await fetch(address(path, asking.path, asking.query), {
      method: method.toUpperCase(),
      credentials: 'same-origin',
      headers,
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'No answer from the server', error instanceof Error ? error.message : '');
  }
  if (answer.status === 401) refused();
  if (!answer.ok) throw await problemOf(answer);
  return answer.status === 204 ? undefined : await answer.json();
}

/** The problem document of an answer; its status line where a proxy in between answered something else. */
export async function problemOf(answer: Response): Promise<ApiError> {
  return problemIn(await answer.json().catch(() => null), answer.status, answer.statusText);
}

/** The problem that a body holds; any body. */
export function problemIn(said: unknown, status: number, statusText = ''): ApiError {
  const { title, detail, type } = (said ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return new ApiError(status, text(title) || statusText || `Status ${status}`, text(detail), text(type));
}
