import type { Timeline } from '../protocol/rest';
import type { Edit, NamedChapter } from '../protocol/versions';
import { useChapterTitle } from '../watch/use-chapter-title';

/** Those that the edit names, else those that follow from what happened, by the names that pages give them. */
export function useChapters(timeline: Timeline, edit: Edit): readonly NamedChapter[] {
  const titleOf = useChapterTitle();
  return edit.chapters ?? timeline.chapters.map((one) => ({ at_ms: one.start_ms, title: titleOf(one) }));
}
