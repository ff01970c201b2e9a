/** The timetable of a school or a county. */
import { SignedInPage } from '../components/signed-in-page';
import { Timetable } from '../components/timetable';

export default function TimetablePage() {
  return (
    <SignedInPage page="timetable">
      <Timetable />
    </SignedInPage>
  );
}
