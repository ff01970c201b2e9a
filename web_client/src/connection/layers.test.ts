import { describe, expect, it } from 'vitest';
import { encodingsOf, layersOf, sentRids, thisBrowser } from './layers';

const STRONG = { isChromium: true, processors: 8 };
const rids = (...of: Parameters<typeof layersOf>) => layersOf(...of).map((layer) => layer.rid);

describe('the encodings of a source', () => {
  it('are three of the master camera, 180, 360 and 720 lines of a 720p one', () => {
    const layers = layersOf('camera', 'master', false, STRONG);
    expect(layers.map((layer) => layer.rid)).toEqual(['q', 'h', 'f']);
    expect(layers.map((layer) => 720 / layer.plan.scaleResolutionDownBy)).toEqual([180, 360, 720]);
    const rates = layers.map((layer) => layer.plan.maxBitrateBps);
    expect([...rates].sort((a, b) => a - b)).toEqual(rates);
  });

  it('are two where processors are few', () => {
    expect(rids('camera', 'master', false, { isChromium: true, processors: 4 })).toEqual(['q', 'f']);
  });

  it('is one of everything else, and in browsers whose simulcast is not known to us', () => {
    expect(rids('screen', 'master', false, STRONG)).toEqual(['']);
    expect(rids('camera', 'classroom', true, STRONG)).toEqual(['']);
    expect(rids('camera', 'master', false, { isChromium: false, processors: 8 })).toEqual(['']);
  });
});

describe('what is sent of them', () => {
  const all = ['q', 'h', 'f'];

  it('is the highest until the server has named others', () => {
    expect(sentRids(all, null, false)).toEqual(['f']);
    expect(sentRids([''], null, false)).toEqual(['']);
  });

  it('is what the server names, in order of size', () => {
    expect(sentRids(all, ['f', 'q'], false)).toEqual(['q', 'f']);
    expect(sentRids(all, ['h'], false)).toEqual(['h']);
  });

  it('is the highest that is wanted when the computer or the uplink is short', () => {
    expect(sentRids(all, ['q', 'f'], true)).toEqual(['f']);
    expect(sentRids(all, ['q'], true)).toEqual(['q']);
  });

  it('is never nothing: names that are not ours change nothing', () => {
    expect(sentRids(['q', 'f'], ['h'], false)).toEqual(['f']);
    expect(sentRids([''], ['q'], false)).toEqual(['']);
  });

  it('stands in the parameters by activity alone, and one encoding has no rid', () => {
    const three = encodingsOf(layersOf('camera', 'master', false, STRONG), ['f']);
    expect(three.map((one) => [one.rid, one.active])).toEqual([['q', false], ['h', false], ['f', true]]);
    const [one] = encodingsOf(layersOf('screen', 'master', false, STRONG), ['']);
    expect(one).not.toHaveProperty('rid');
    expect(one?.active).toBe(true);
  });
});

describe('the browser', () => {
  it('is Chromium by its brands, whatever it is sold as', () => {
    const navigator = { hardwareConcurrency: 2, userAgentData: { brands: [{ brand: 'Edge' }, { brand: 'Chromium' }] } };
    expect(thisBrowser(navigator as unknown as Navigator)).toEqual({ isChromium: true, processors: 2 });
    expect(thisBrowser({ hardwareConcurrency: 8 } as Navigator)).toEqual({ isChromium: false, processors: 8 });
  });
});
