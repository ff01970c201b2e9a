/** What a school is made of: its places, people, classrooms and courses. */
import { School } from '../components/school';
import { SignedInPage } from '../components/signed-in-page';

export default function SchoolPage() {
  return (
    <SignedInPage page="school">
      <School />
    </SignedInPage>
  );
}
