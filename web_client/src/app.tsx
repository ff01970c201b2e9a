import { Suspense, lazy } from 'react';
import { Loading } from './components/loading';
import { LessonPage } from './pages/lesson-page';
import { NotFoundPage } from './pages/not-found-page';
import { SchedulePage } from './pages/schedule-page';
import { parseRoute } from './routes';

// Only who plans needs these.
const TimetablePage = lazy(() => import('./pages/timetable-page'));
const SchoolPage = lazy(() => import('./pages/school-page'));
// The player brings hls.js with it; a classroom in a lesson has no use for it.
const WatchPage = lazy(() => import('./pages/watch-page'));
// Only who reviews needs this.
const ReviewPage = lazy(() => import('./pages/review-page'));
// Only who looks for a lesson needs it.
const ReplaysPage = lazy(() => import('./pages/replays-page'));
// Only who inspects needs these.
const ReportPage = lazy(() => import('./pages/report-page'));
const ReportsPage = lazy(() => import('./pages/reports-page'));

export function App() {
  const route = parseRoute(window.location.pathname);
  switch (route.page) {
    case 'schedule':
      return <SchedulePage />;
    case 'timetable':
      return (
        <Suspense fallback={<Loading />}>
          <TimetablePage />
        </Suspense>
      );
    case 'school':
      return (
        <Suspense fallback={<Loading />}>
          <SchoolPage />
        </Suspense>
      );
    case 'lesson':
      return <LessonPage lesson={route.lesson} />;
    case 'watch':
      return (
        <Suspense fallback={<Loading theme="board" />}>
          <WatchPage resource={route.resource} />
        </Suspense>
      );
    case 'review':
      return (
        <Suspense fallback={<Loading />}>
          <ReviewPage resource={route.resource} />
        </Suspense>
      );
    case 'report':
      return (
        <Suspense fallback={<Loading />}>
          <ReportPage lesson={route.lesson} />
        </Suspense>
      );
    case 'reports':
      return (
        <Suspense fallback={<Loading />}>
          <ReportsPage />
        </Suspense>
      );
    case 'replays':
      return (
        <Suspense fallback={<Loading />}>
          <ReplaysPage />
        </Suspense>
      );
    case 'not_found':
      return <NotFoundPage />;
  }
}
