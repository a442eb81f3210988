import { expect, test } from 'vitest';
import { find, match } from './routes';

test.each([
  ['', '', {}],
  ['albums', 'albums/', {}],
  ['albums/:id', 'albums/7', { id: '7' }],
  ['albums/:id', 'albums/a%2Fb%20c', { id: 'a/b c' }],
  ['path/:from/:to', 'path/1/2', { from: '1', to: '2' }],
])('%j fits %j', (pattern, path, params) => {
  expect(match(pattern, path)).toEqual(params);
});

test.each([
  ['', 'albums'],
  ['albums', 'albums/7'],
  ['albums/:id', 'albums'],
  ['albums/:id', 'artists/7'],
  ['albums/:id', 'albums/%E0%A4%A'], // no UTF-8
])('%j does not fit %j', (pattern, path) => {
  expect(match(pattern, path)).toBeNull();
});

test('the first route that fits is taken', () => {
  const routes = [{ path: 'albums/new' }, { path: 'albums/:id' }];
  expect(find(routes, 'albums/new')?.route.path).toBe('albums/new');
  expect(find(routes, 'albums/3')).toEqual({ route: { path: 'albums/:id' }, params: { id: '3' } });
  expect(find(routes, 'nowhere')).toBeNull();
});
