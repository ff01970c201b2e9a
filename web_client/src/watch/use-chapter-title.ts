import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { Chapter } from '../protocol/rest';

/** What a chapter is called: a page by its number, the part before the first one as the opening. */
export function useChapterTitle(): (chapter: Chapter) => string {
  const { t } = useTranslation();
  return (chapter) => {
    if (chapter.kind === 'page') return t('watch.page', { page: chapter.page });
    if (chapter.kind === 'picture') return t('watch.from', { time: clockText(chapter.start_ms) });
    return chapter.kind === 'opening' ? t('watch.opening') : chapter.title;
  };
}
