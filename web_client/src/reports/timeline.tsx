/** When each classroom was there, on stage, or lost: one line a room over the lesson's own time. */
import { useTranslation } from 'react-i18next';
import type { LessonReport, RoomFigures, Spans } from './report';
import { gapsOf, minutesText, percentText, placeOf, ticksOf, timeText } from './words';

const HEIGHT = 34;

/** Signs that differ by shape and pattern, not by colour alone. Drawn once, used by every line. */
function Patterns() {
  return (
    <svg className="timeline__patterns" width="0" height="0" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="lost" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="8" height="8" className="fill-brick-wash" />
          <rect width="3.4" height="8" className="fill-brick" />
        </pattern>
        <pattern id="paused" width="7" height="7" patternUnits="userSpaceOnUse">
          <rect width="7" height="7" className="fill-sunken" />
          <circle cx="3.5" cy="3.5" r="1.3" className="fill-soft" />
        </pattern>
        <pattern id="master-lost" width="7" height="7" patternUnits="userSpaceOnUse">
          <rect width="7" height="7" className="fill-lamp-wash" />
          <path d="M0 3.5h7M3.5 0v7" className="stroke-lamp" />
        </pattern>
      </defs>
    </svg>
  );
}

interface Frame {
  fromMs: number;
  toMs: number;
}

interface BarsProps {
  spans: Spans;
  frame: Frame;
  y: number;
  height: number;
  className: string;
}

function Bars({ spans, frame, y, height, className }: BarsProps) {
  return spans.map(([from, to]) => {
    const x = placeOf(from, frame.fromMs, frame.toMs);
    // A moment of a long lesson is still to be seen.
    const width = Math.max(1.5, placeOf(to, frame.fromMs, frame.toMs) - x);
    return <rect key={from} x={Math.min(x, 1000 - width)} y={y} width={width} height={height} className={className} />;
  });
}

function Line({ room, report, frame }: { room: RoomFigures; report: LessonReport; frame: Frame }) {
  const { t, i18n } = useTranslation();
  const { suspended, master_lost: masterLost } = report.figures;
  const absent = gapsOf([...room.present, ...room.disconnected].sort(([a], [b]) => a - b), frame.fromMs, frame.toMs);
  const label = t('report.lineLabel', {
    name: room.name,
    present: percentText(room.present_ratio, i18n.language),
    stage: minutesText(room.stage_ms, i18n.language),
    lost: minutesText(room.disconnected_ms, i18n.language),
  });
  return (
    <li className="timeline__line">
      <span className="timeline__name" title={room.name}>
        {room.name}
      </span>
      <svg viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label} data-testid={`timeline-${room.classroom}`}>
        <Bars spans={suspended} frame={frame} y={0} height={HEIGHT} className="band-paused" />
        <Bars spans={masterLost} frame={frame} y={0} height={HEIGHT} className="band-master-lost" />
        <Bars spans={absent} frame={frame} y={15} height={4} className="bar-absent" />
        <Bars spans={room.present} frame={frame} y={10} height={14} className="bar-present" />
        <Bars spans={room.disconnected} frame={frame} y={10} height={14} className="bar-lost" />
        <Bars spans={room.hands_up} frame={frame} y={1} height={4} className="bar-hand" />
        <Bars spans={room.on_stage} frame={frame} y={6} height={22} className="bar-stage" />
      </svg>
    </li>
  );
}

const SIGNS = ['present', 'stage', 'hand', 'lost', 'absent', 'paused', 'master-lost'] as const;

function Legend() {
  const { t } = useTranslation();
  return (
    <ul className="timeline__legend">
      {SIGNS.map((sign) => (
        <li key={sign}>
          <svg width="26" height="18" aria-hidden="true" focusable="false">
            <rect
              x="0"
              y={sign === 'absent' || sign === 'hand' ? 7 : 1}
              width="26"
              height={sign === 'absent' || sign === 'hand' ? 4 : 16}
              className={sign === 'paused' || sign === 'master-lost' ? `band-${sign}` : `bar-${sign}`}
            />
          </svg>
          {t(`report.sign.${sign}`)}
        </li>
      ))}
    </ul>
  );
}

export function Timeline({ report }: { report: LessonReport }) {
  const { t, i18n } = useTranslation();
  const { figures } = report;
  const frame = { fromMs: figures.started_at_ms ?? figures.until_ms, toMs: figures.until_ms };
  const ticks = ticksOf(frame.fromMs, frame.toMs);
  return (
    <div className="timeline">
      <Patterns />
      <div className="timeline__scale" aria-hidden="true">
        <span />
        <div className="timeline__ticks">
          {ticks.map((tick) => (
            <span key={tick} style={{ insetInlineStart: `${placeOf(tick, frame.fromMs, frame.toMs) / 10}%` }}>
              {timeText(tick, i18n.language, report.time_zone)}
            </span>
          ))}
        </div>
      </div>
      <ul aria-label={t('report.attendance')}>
        {figures.rooms.map((room) => (
          <Line key={room.classroom} room={room} report={report} frame={frame} />
        ))}
      </ul>
      <Legend />
    </div>
  );
}
