import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { address, api, ApiError, whenRefused } from './api';

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('document', { baseURI: 'https://music.example/segue/' });
});

afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
});

function problem(status: number, body: string): Response {
  return new Response(body, { status, statusText: 'Bad Gateway' });
}

test('asks below the base, with cookies and the header against CSRF', async () => {
  fetched.mockResolvedValue(Response.json({ status: 'ok' }));
  expect(await api.get('/api/health')).toEqual({ status: 'ok' });
  const [url, request] = fetched.mock.calls[0] ?? [];
  expect(url).toBe('https://music.example/segue/api/health');
  expect(request).toMatchObject({ method: 'GET', credentials: 'same-origin', headers: { 'X-Segue': '1' } });
});

test('an error carries what the server said', async () => {
  fetched.mockResolvedValue(
    problem(404, '{"title": "Nothing found", "detail": "No track 7.", "status": 404}'),
  );
  const error: unknown = await api.get('/api/health').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 404, title: 'Nothing found', detail: 'No track 7.' });
});

test.each(['<html>502</html>', 'null', '"no"', '{"title": 7}'])('an error of a proxy: %s', async (body) => {
  fetched.mockResolvedValue(problem(502, body));
  await expect(api.get('/api/health')).rejects.toMatchObject({
    status: 502,
    title: 'Bad Gateway',
    detail: '',
  });
});

test('no answer is status 0, and giving up is no error of the server', async () => {
  fetched.mockRejectedValue(new TypeError('Failed to fetch'));
  await expect(api.get('/api/health')).rejects.toMatchObject({ status: 0, detail: 'Failed to fetch' });
  const signal = AbortSignal.abort();
  await expect(api.get('/api/health', { signal })).rejects.not.toBeInstanceOf(ApiError);
});

test('addresses escape values and leave out what is not given', () => {
  expect(address('/api/tracks/{id}/audio', { id: 'a/b?' }, { format: 'opus', from: undefined })).toBe(
    'https://music.example/segue/api/tracks/a%2Fb%3F/audio?format=opus',
  );
  expect(address('/api/tracks', {}, { id: [1, 2] })).toBe('https://music.example/segue/api/tracks?id=1&id=2');
});

test('says so where a session has ended', async () => {
  const ended = vi.fn();
  whenRefused(ended);
  fetched.mockResolvedValueOnce(problem(401, '{}'));
  await expect(api.get('/api/health')).rejects.toMatchObject({ status: 401 });
  fetched.mockResolvedValueOnce(problem(403, '{}'));
  await expect(api.get('/api/health')).rejects.toMatchObject({ status: 403 });
  expect(ended).toHaveBeenCalledOnce();
});
