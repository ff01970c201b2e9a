/** All figures of all classrooms, for who wants to compare or copy them, in two tables: they fit a page of paper. */
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import type { Column } from './figures-table';
import { FiguresTable } from './figures-table';
import type { LessonFigures, RoomFigures } from './report';
import { minutesText, percentText } from './words';

type RoomColumn = [key: string, show: (room: RoomFigures, lesson: LessonFigures, t: TFunction, language: string) => string];

const orNone = (ms: number | null, show: (ms: number) => string): string => (ms === null ? '–' : show(ms));

function signals(room: RoomFigures, t: TFunction): string {
  const raised = Object.entries(room.signals).map(([kind, count]) => `${t(`report.signal.${kind}`)} ${count}`);
  return raised.length === 0 ? '0' : raised.join(', ');
}

export const OF_ATTENDANCE: RoomColumn[] = [
  ['present', (room, _, __, language) => `${minutesText(room.present_ms, language)} (${percentText(room.present_ratio, language)})`],
  ['late', (room, _, __, language) => minutesText(room.late_ms, language)],
  ['disconnected', (room, _, __, language) => minutesText(room.disconnected_ms, language)],
  ['away', (room, _, __, language) => minutesText(room.away_ms, language)],
  ['joins', (room) => `${room.joins} / ${room.reconnects}`],
  ['students', (room) => String(room.students)],
];

export const OF_PARTICIPATION: RoomColumn[] = [
  ['stage', (room, _, __, language) => `${minutesText(room.stage_ms, language)} (${percentText(room.stage_ratio, language)})`],
  ['turns', (room) => String(room.turns)],
  ['hands', (room) => `${room.waits.hands} / ${room.waits.unanswered}`],
  ['median', (room) => orNone(room.waits.median_ms, clockText)],
  ['p90', (room) => orNone(room.waits.p90_ms, clockText)],
  ['rounds', (room, lesson) => `${room.rounds_answered} / ${lesson.rounds_opened}`],
  ['polls', (room, lesson) => `${room.polls_answered} / ${lesson.polls_opened}`],
  ['signals', (room, _, t) => signals(room, t)],
  ['reduced', (room, _, __, language) => minutesText(room.reduced_ms, language)],
];

/** One line a classroom. */
export function RoomTable({ figures, columns, title }: { figures: LessonFigures; columns: RoomColumn[]; title: string }) {
  const { t, i18n } = useTranslation();
  return (
    <FiguresTable
      caption={title}
      names={['room', (room) => room.name]}
      columns={columns.map(([key, show]): Column<RoomFigures> => [key, (room) => show(room, figures, t, i18n.language)])}
      rows={figures.rooms}
      keyOf={(room) => room.classroom}
    />
  );
}
