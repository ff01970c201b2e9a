import { expect, it } from 'vitest';
import { nextPage } from './http';

it.each([
  [null, null],
  ['', null],
  ['<http://127.0.0.1:8080/api/v1/users?limit=500&cursor=abc>; rel="next"', '/users?limit=500&cursor=abc'],
  ['<https://school.example/api/v1/consents?cursor=a%3D>; rel="next"', '/consents?cursor=a%3D'],
  ['<http://127.0.0.1/other>; rel="next"', null],
  ['<http://127.0.0.1/api/v1/users>; rel="prev"', null],
])('the next page of %s', (link, path) => {
  expect(nextPage(link)).toBe(path);
});
