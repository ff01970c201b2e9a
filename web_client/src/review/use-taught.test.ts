import { expect, test } from 'vitest';
import type { Resource } from '../protocol/rest';
import { picturesOf } from './use-taught';

const of = (id: string, kind: Resource['kind'], taught_url: string | null): Resource => ({
  id,
  lesson: 'les_1',
  kind,
  seat: null,
  state: 'ready',
  hls_url: `/served/${id}`,
  poster_url: null,
  duration_ms: 1000,
  title: '',
  taught_url,
  taught_ms: 1000,
});

test('the reviewed picture leads, and what was not kept is not there', () => {
  const screen = of('res_s', 'screen', '/taught/res_s');
  const found = picturesOf(screen, [of('res_t', 'teacher', '/taught/res_t'), screen, of('res_g', 'stage', null)]);
  expect(found.map((one) => one.hls_url)).toEqual(['/taught/res_s', '/taught/res_t']);
});

test('who may not see the lesson as it was taught sees what is served', () => {
  expect(picturesOf(of('res_t', 'teacher', null), []).map((one) => one.hls_url)).toEqual(['/served/res_t']);
});
