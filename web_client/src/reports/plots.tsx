/** The small pictures beside the figures: shares of the stage, waits of hands, rounds answered. */
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonFigures, RoomFigures } from './report';
import { clockText } from '../components/clock';
import { evennessOf, giniText, minutesText, percentText } from './words';

interface BarLineProps {
  name: string;
  /** Parts of the whole width, 0 to 1, drawn from the left one over the other. */
  bars: { ratio: number; className: string }[];
  text: ReactNode;
}

/** A name, a bar, and the figure in words: the bar repeats what the words say. */
export function BarLine({ name, bars, text }: BarLineProps) {
  return (
    <li className="plot__line">
      <span className="plot__name" title={name}>
        {name}
      </span>
      <svg viewBox="0 0 1000 18" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect width="1000" height="18" className="plot__ground" />
        {bars.map(({ ratio, className }) => (
          <rect key={className} width={Math.min(1, ratio) * 1000} height="18" className={className} />
        ))}
      </svg>
      <span className="plot__text">{text}</span>
    </li>
  );
}

export function Evenness({ gini }: { gini: number | null }) {
  const { t, i18n } = useTranslation();
  return (
    <p className="plot__words" data-testid="evenness">
      {t(`report.evenness.${evennessOf(gini)}`)}
      {gini !== null && ` ${t('report.gini', { value: giniText(gini, i18n.language) })}`}
    </p>
  );
}

export function StagePlot({ figures }: { figures: LessonFigures }) {
  const { t, i18n } = useTranslation();
  return (
    <section className="report__part" aria-labelledby="part-stage">
      <h2 id="part-stage">{t('report.stage')}</h2>
      <Evenness gini={figures.stage_gini} />
      <ul className="plot">
        {figures.rooms.map((room) => (
          <BarLine
            key={room.classroom}
            name={room.name}
            bars={[{ ratio: room.stage_ratio, className: 'bar-stage' }]}
            text={t('report.stageOf', {
              share: percentText(room.stage_ratio, i18n.language),
              minutes: minutesText(room.stage_ms, i18n.language),
              count: room.turns,
            })}
          />
        ))}
      </ul>
      <p className="soft">
        {t('report.voices', {
          master: minutesText(figures.master_microphone_ms, i18n.language),
          rooms: minutesText(figures.stage_ms, i18n.language),
        })}
      </p>
    </section>
  );
}

function waitText(t: TFunction, room: RoomFigures): string {
  const { hands, unanswered, median_ms: medianMs, p90_ms: p90Ms } = room.waits;
  if (hands === 0) return t('report.noHands');
  const left = unanswered > 0 ? t('report.unanswered', { count: unanswered }) : '';
  if (medianMs === null || p90Ms === null) return left;
  return [t('report.waited', { median: clockText(medianMs), p90: clockText(p90Ms) }), left].filter(Boolean).join(' · ');
}

export function WaitPlot({ figures }: { figures: LessonFigures }) {
  const { t } = useTranslation();
  const most = Math.max(...figures.rooms.map((room) => room.waits.p90_ms ?? 0), 1);
  return (
    <section className="report__part" aria-labelledby="part-waits">
      <h2 id="part-waits">{t('report.waits')}</h2>
      <p className="plot__words">
        {figures.waits.median_ms === null || figures.waits.p90_ms === null
          ? t(figures.waits.hands === 0 ? 'report.noHandsAtAll' : 'report.noneAnswered')
          : t('report.waitsOf', {
              median: clockText(figures.waits.median_ms),
              p90: clockText(figures.waits.p90_ms),
              answered: figures.waits.hands - figures.waits.unanswered,
              hands: figures.waits.hands,
            })}
      </p>
      <ul className="plot">
        {figures.rooms.map((room) => (
          <BarLine
            key={room.classroom}
            name={room.name}
            bars={[
              { ratio: (room.waits.p90_ms ?? 0) / most, className: 'bar-p90' },
              { ratio: (room.waits.median_ms ?? 0) / most, className: 'bar-median' },
            ]}
            text={waitText(t, room)}
          />
        ))}
      </ul>
    </section>
  );
}

/** One square a round or poll: filled where the room answered. */
function Squares({ answered, opened }: { answered: number; opened: number }) {
  const shown = Math.min(opened, 40);
  return (
    <svg width={shown * 18} height="16" aria-hidden="true" focusable="false">
      {Array.from({ length: shown }, (_, number) => (
        <rect key={number} x={number * 18 + 1} y="1" width="14" height="14" rx="3" className={number < answered ? 'square-answered' : 'square-open'} />
      ))}
    </svg>
  );
}

export function RoundPlot({ figures }: { figures: LessonFigures }) {
  const { t } = useTranslation();
  const { rounds_opened: rounds, polls_opened: polls } = figures;
  return (
    <section className="report__part" aria-labelledby="part-rounds">
      <h2 id="part-rounds">{t('report.rounds')}</h2>
      <p className="plot__words">{rounds + polls === 0 ? t('report.noRounds') : t('report.opened', { rounds, polls })}</p>
      {rounds + polls > 0 && (
        <ul className="plot plot--squares">
          {figures.rooms.map((room) => (
            <li key={room.classroom} className="plot__line">
              <span className="plot__name" title={room.name}>
                {room.name}
              </span>
              <Squares answered={room.rounds_answered + room.polls_answered} opened={rounds + polls} />
              <span className="plot__text">
                {t('report.answered', { rounds: room.rounds_answered, ofRounds: rounds, polls: room.polls_answered, ofPolls: polls })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
