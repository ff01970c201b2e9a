import { useTranslation } from 'react-i18next';
import type { Language } from '../i18n';
import { switchLanguage } from '../i18n';

const NAMES: Record<Language, string> = { zh: '中文', en: 'English' };

/** Offers the other language in that language, so that who cannot read this one finds it. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const other: Language = i18n.language === 'zh' ? 'en' : 'zh';
  return (
    <button
      type="button"
      className="button button--quiet"
      lang={other}
      aria-label={`${t('language.switch')}: ${NAMES[other]}`}
      onClick={() => void switchLanguage(other)}
    >
      {NAMES[other]}
    </button>
  );
}
