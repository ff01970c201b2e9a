/** The lessons, newest first, and what runs now. */
import { LessonList } from '../components/lesson-list';
import { SignedInPage } from '../components/signed-in-page';

export function SchedulePage() {
  return (
    <SignedInPage page="lessons">
      <LessonList />
    </SignedInPage>
  );
}
