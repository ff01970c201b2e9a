/** Language: the one chosen on this computer, else the browser's, else English. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { zh } from './zh';

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'tandem.language';

export function chooseLanguage(stored: string | null, preferred: readonly string[]): Language {
  const wishes = stored === null ? preferred : [stored, ...preferred];
  for (const wish of wishes) {
    const found = LANGUAGES.find((language) => wish.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'en';
}

function applyToDocument(language: string): void {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : language;
}

export async function startI18n(): Promise<void> {
  const language = chooseLanguage(window.localStorage.getItem(KEY), navigator.languages);
  applyToDocument(language);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
  });
}

export async function switchLanguage(language: Language): Promise<void> {
  window.localStorage.setItem(KEY, language);
  applyToDocument(language);
  await i18next.changeLanguage(language);
}
