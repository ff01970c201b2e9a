/** What one lesson came to: for the inspector, on the screen and on paper. */
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLoadedBy } from '../administration/use-loaded';
import { codeOf, RequestError } from '../protocol/errors';
import { RoundPlot, StagePlot, WaitPlot } from '../reports/plots';
import type { LessonReport } from '../reports/report';
import { readJson, reportPath } from '../reports/report';
import { ReportActions } from '../reports/report-actions';
import { ReportFrame, Refusal } from '../reports/report-frame';
import { reportToken } from '../reports/report-token';
import { OF_ATTENDANCE, OF_PARTICIPATION, RoomTable } from '../reports/room-table';
import { Timeline } from '../reports/timeline';
import { ViewPlot } from '../reports/view-plot';
import { clockText } from '../components/clock';
import { dayText, minutesText, timeText } from '../reports/words';

export default function ReportPage({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const [token] = useState(() => reportToken(lesson));
  const load = useCallback(
    () => (token === null ? Promise.reject(new RequestError('token_missing', '')) : readJson<LessonReport>(reportPath(lesson), token)),
    [lesson, token],
  );
  const { value: report, fault, reload } = useLoadedBy(load, codeOf);
  const isLoading = report === null && fault === null;
  return (
    <ReportFrame>
      <main className="report" aria-busy={isLoading}>
        {report === null && <h1>{t('report.title')}</h1>}
        {isLoading && <p role="status">{t('common.loading')}</p>}
        {fault !== null && <Refusal code={fault} onAgain={reload} />}
        {report !== null && token !== null && <Report report={report} token={token} />}
      </main>
    </ReportFrame>
  );
}

function Report({ report, token }: { report: LessonReport; token: string }) {
  const { t } = useTranslation();
  const path = reportPath(report.lesson_id);
  const { figures } = report;
  const files = [
    { path: `${path}.csv`, name: `report-${report.lesson_id}.csv`, label: 'CSV' },
    { path, name: `report-${report.lesson_id}.json`, label: 'JSON' },
  ];
  return (
    <>
      <ReportHead report={report} />
      <ReportActions token={token} files={files} />
      {figures.started_at_ms === null ? (
        <div className="empty">
          <strong>{t('report.notBegun')}</strong>
          <p>{t('report.notBegunHint')}</p>
        </div>
      ) : (
        <>
          <Tiles report={report} />
          <People report={report} />
          <section className="report__part" aria-labelledby="part-attendance">
            <h2 id="part-attendance">{t('report.attendance')}</h2>
            {figures.rooms.length === 0 ? (
              <p className="soft">{t('report.noRooms')}</p>
            ) : (
              <>
                <Timeline report={report} />
                <RoomTable figures={figures} columns={OF_ATTENDANCE} title={t('report.attendance')} />
              </>
            )}
          </section>
          {figures.rooms.length > 0 && (
            <>
              <StagePlot figures={figures} />
              <WaitPlot figures={figures} />
              <RoundPlot figures={figures} />
              <section className="report__part" aria-labelledby="part-table">
                <h2 id="part-table">{t('report.participation')}</h2>
                <RoomTable figures={figures} columns={OF_PARTICIPATION} title={t('report.participation')} />
              </section>
            </>
          )}
          {report.replay.views > 0 && <ViewPlot replay={report.replay} />}
          <p className="report__foot soft">{t('report.foot', { lesson: report.lesson_id })}</p>
        </>
      )}
    </>
  );
}

function ReportHead({ report }: { report: LessonReport }) {
  const { t, i18n } = useTranslation();
  const { started_at_ms: fromMs, until_ms: untilMs } = report.figures;
  const zone = report.time_zone;
  const grade = report.grade === null ? null : t('report.grade', { grade: report.grade });
  const where = [report.organization, report.course, report.subject, grade, report.room].filter((part) => part !== null && part !== '');
  return (
    <header className="report__head">
      <p className="report__kind">{t('report.title')}</p>
      <h1>{report.title}</h1>
      {fromMs !== null && (
        <p>
          <time dateTime={new Date(fromMs).toISOString()}>{dayText(fromMs, i18n.language, zone)}</time>,{' '}
          {t('report.fromTo', { from: timeText(fromMs, i18n.language, zone), to: timeText(untilMs, i18n.language, zone) })} ({zone})
        </p>
      )}
      {where.length > 0 && <p className="soft">{where.join(' · ')}</p>}
      {!report.is_final && fromMs !== null && <p className="chip chip--warn">{t('report.running')}</p>}
    </header>
  );
}

function Tiles({ report }: { report: LessonReport }) {
  const { t, i18n } = useTranslation();
  const { figures } = report;
  const minutes = (ms: number): string => t('report.minutes', { minutes: minutesText(ms, i18n.language) });
  const came = figures.rooms.filter((room) => room.present_ms > 0).length;
  const stopped = figures.suspended_ms + figures.master_lost_ms;
  const tiles: [string, string, string][] = [
    ['duration', minutes(figures.duration_ms), stopped > 0 ? t('report.tile.live', { minutes: minutesText(figures.live_ms, i18n.language) }) : ''],
    ['rooms', t('report.tile.of', { count: came, total: figures.rooms.length }), ''],
    ['stage', minutes(figures.stage_ms), ''],
    ['wait', figures.waits.median_ms === null ? '–' : clockText(figures.waits.median_ms), t('report.tile.hands', { count: figures.waits.hands })],
    ['rounds', String(figures.rounds_opened), t('report.tile.polls', { count: figures.polls_opened })],
    [
      'stopped',
      minutes(stopped),
      t('report.tile.stoppedOf', {
        suspended: minutesText(figures.suspended_ms, i18n.language),
        lost: minutesText(figures.master_lost_ms, i18n.language),
      }),
    ],
  ];
  return (
    <dl className="report__tiles">
      {tiles.map(([key, value, hint]) => (
        <div key={key} data-testid={`tile-${key}`}>
          <dt>{t(`report.tile.${key}`)}</dt>
          <dd>
            <strong>{value}</strong>
            {hint !== '' && <span>{hint}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function People({ report }: { report: LessonReport }) {
  const { t, i18n } = useTranslation();
  const { people } = report.figures;
  const roomName = new Map(report.figures.rooms.map((room) => [room.classroom, room.name]));
  if (people.length === 0) return null;
  return (
    <section className="report__part" aria-labelledby="part-people">
      <h2 id="part-people">{t('report.people')}</h2>
      <ul className="report__people">
        {people.map((who, number) => (
          <li key={number}>
            <span className="soft">{t(`role.${who.role}`)}</span> <strong>{who.name}</strong>{' '}
            <span className="soft">
              {who.classroom !== null && `${roomName.get(who.classroom) ?? who.classroom}, `}
              {t('report.minutes', { minutes: minutesText(who.present_ms, i18n.language) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
