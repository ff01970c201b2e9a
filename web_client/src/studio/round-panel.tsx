/** A round through its phases: prompt, local part, report, stage, close. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import type { Phase, Round } from '../protocol/board';
import { PHASES } from '../protocol/board';
import { seatsOfRole } from '../room/selectors';
import { Answers } from './answers-table';
import { TimerChip } from './timer-chip';
import { RoundForm } from './round-form';

export function RoundPanel() {
  const { room } = useRoom();
  const { round } = room.board;
  if (round === null) return <RoundForm />;
  if (round.phase !== 'closed') return <OpenRound key={round.id} round={round} />;
  return (
    <>
      <RoundForm key={round.id} />
      <LastRound round={round} />
    </>
  );
}

function LastRound({ round }: { round: Round }) {
  const { t } = useTranslation();
  return (
    <details className="last-question">
      <summary>{t('teach.round.last', { prompt: round.prompt })}</summary>
      <Answers kind={round.answer} choices={round.choices} answers={round.answers} tally={round.tally} />
    </details>
  );
}

function OpenRound({ round }: { round: Round }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const isAsking = round.phase === 'prompt';
  const toggle = (seat: string): void =>
    setChosen((before) => (before.includes(seat) ? before.filter((one) => one !== seat) : [...before, seat].slice(0, 3)));
  return (
    <div className="round" data-testid="round" data-phase={round.phase}>
      <PhaseSteps phase={round.phase} />
      <p className="round__prompt">{round.prompt}</p>
      {isAsking && round.answer === 'choice' && (
        <ol className="round__choices">
          {round.choices.map((choice) => (
            <li key={choice}>{choice}</li>
          ))}
        </ol>
      )}
      {round.phase === 'local' && <LocalPart round={round} />}
      {!isAsking && (
        <Answers
          kind={round.answer}
          choices={round.choices}
          answers={round.answers}
          tally={round.tally}
          {...(round.phase === 'stage' ? {} : { chosen, onChoose: toggle })}
        />
      )}
      <Steps round={round} chosen={chosen} />
    </div>
  );
}

function PhaseSteps({ phase }: { phase: Phase }) {
  const { t } = useTranslation();
  const present = PHASES.indexOf(phase);
  return (
    <ol className="phases" aria-label={t('teach.round.phases')}>
      {PHASES.filter((one) => one !== 'closed').map((one, index) => (
        <li key={one} data-is={index === present ? 'now' : index < present ? 'done' : 'later'} aria-current={index === present ? 'step' : undefined}>
          {t(`teach.round.phase.${one}`)}
        </li>
      ))}
    </ol>
  );
}

function LocalPart({ round }: { round: Round }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const rooms = seatsOfRole(room, 'classroom').length;
  return (
    <div className="round__local">
      {round.local_until_ms !== null && <TimerChip endsAtMs={round.local_until_ms} />}
      <span role="status">
        <Icon name="check" size={18} />
        {t('teach.round.ready', { count: round.ready.length, of: rooms })}
      </span>
    </div>
  );
}

const LOCAL_MINUTES = [1, 2, 3, 5, 10] as const;

function Steps({ round, chosen }: { round: Round; chosen: readonly string[] }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const [minutes, setMinutes] = useState(2);
  const go = (phase: Phase, more: { local_s?: number; seats?: readonly string[] } = {}) =>
    void session.act({ type: 'round_phase', round: round.id, phase, ...more });
  const hasReports = round.phase === 'local' || round.phase === 'report';
  return (
    <div className="round__steps">
      {round.phase === 'prompt' && (
        <div className="round__begin">
          <label className="field">
            <span>{t('teach.round.time')}</span>
            <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))} data-testid="round-minutes">
              {LOCAL_MINUTES.map((one) => (
                <option key={one} value={one}>
                  {t('teach.minutes', { count: one })}
                </option>
              ))}
              <option value={0}>{t('teach.noLimit')}</option>
            </select>
          </label>
          <button
            type="button"
            className="button button--primary"
            data-testid="round-local"
            onClick={() => go('local', minutes === 0 ? {} : { local_s: minutes * 60 })}
          >
            {t('teach.round.begin')}
          </button>
        </div>
      )}
      {round.phase !== 'report' && round.phase !== 'stage' && (
        <button type="button" className={round.phase === 'local' ? 'button button--primary' : 'button'} data-testid="round-report" onClick={() => go('report')}>
          {t('teach.round.report')}
        </button>
      )}
      {hasReports && (
        <button
          type="button"
          className="button button--lamp"
          data-testid="round-stage"
          disabled={chosen.length === 0}
          onClick={() => go('stage', { seats: chosen })}
        >
          <Icon name="stage" size={20} />
          {chosen.length === 0 ? t('teach.round.choose') : t('teach.round.stage', { count: chosen.length })}
        </button>
      )}
      <button type="button" className="button" data-testid="round-close" onClick={() => go('closed')}>
        {t('teach.round.close')}
      </button>
    </div>
  );
}
