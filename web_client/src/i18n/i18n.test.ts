import { describe, expect, it } from 'vitest';
import { ERROR_CODES, LOCAL_CODES } from '../protocol/errors';
import { ROLES } from '../protocol/messages';
import { chooseLanguage } from '.';
import { en } from './en';
import { zh } from './zh';

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
}

const variables = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();

describe('the words', () => {
  const english = new Map(leaves(en));
  const chinese = new Map(leaves(zh));

  it('have the same keys in both languages', () => {
    expect([...chinese.keys()]).toEqual([...english.keys()]);
  });

  it('have the same variables, and are never empty', () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe('');
      expect(chinese.get(key)?.trim(), key).not.toBe('');
      expect(variables(chinese.get(key) ?? ''), key).toEqual(variables(text));
    }
  });

  it('are Chinese in Chinese', () => {
    const same = [...chinese].filter(([key, text]) => text === english.get(key) && /[a-z]/i.test(text)).map(([key]) => key);
    expect(same).toEqual([]);
  });

  it('explain every error code and role', () => {
    for (const code of [...ERROR_CODES, ...LOCAL_CODES]) expect(english.has(`error.${code}`), code).toBe(true);
    for (const role of ROLES) expect(english.has(`role.${role}`), role).toBe(true);
  });
});

describe('the language', () => {
  it.each([
    [null, ['zh-CN', 'en'], 'zh'],
    [null, ['zh-TW'], 'zh'],
    [null, ['fr', 'en-GB'], 'en'],
    [null, ['fr'], 'en'],
    ['en', ['zh-CN'], 'en'],
    ['xx', ['zh-CN'], 'zh'],
  ] as const)('stored %s and wished %j give %s', (stored, wished, language) => {
    expect(chooseLanguage(stored, wished)).toBe(language);
  });
});
