import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useObservable, useOwnSeat, useRoom } from '../components/session-context';
import type { DeviceCheck } from '../protocol/links';
import { CHECK_ITEMS, receiveOfTier } from '../protocol/links';
import { checkRunOf } from './check-run';
import { figureOf } from './figures';
import type { CheckStep } from './run-check';
import { VerdictSign } from './verdict-sign';

const STEPS: readonly CheckStep[] = ['devices', 'echo', 'network'];

/** The own seat's device check: its course, what it found, and a button to run it again. */
export function CheckCard() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const seat = useOwnSeat();
  const run = checkRunOf(session);
  const step = useObservable(run.step);
  const check = room.links.checks[seat.id] ?? null;
  return (
    <section className="check-card" aria-labelledby="check-title" data-testid="device-check" data-step={step ?? ''} data-verdict={check?.verdict ?? ''}>
      <div className="section-head">
        <h2 id="check-title" className="section-title">
          <Icon name="check" />
          {t('check.title')}
        </h2>
        <button type="button" className="button button--small" data-testid="run-check" disabled={step !== null} onClick={() => run.start()}>
          <Icon name="refresh" size={20} />
          {t(check === null ? 'check.run' : 'check.again')}
        </button>
      </div>
      {step !== null ? <Progress step={step} /> : check === null ? <p className="soft">{t('check.none')}</p> : <Result check={check} seat={seat.id} />}
    </section>
  );
}

function Progress({ step }: { step: CheckStep }) {
  const { t } = useTranslation();
  const present = STEPS.indexOf(step);
  return (
    <ol className="check-steps" role="status">
      {STEPS.map((one, index) => (
        <li key={one} data-state={index < present ? 'done' : index === present ? 'running' : 'next'}>
          {index < present ? <Icon name="check" size={20} /> : <span className="check-steps__dot" aria-hidden="true" />}
          {t(`check.step.${one}`)}
        </li>
      ))}
    </ol>
  );
}

function Result({ check, seat }: { check: DeviceCheck; seat: string }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="check-card__whole">
        <VerdictSign verdict={check.verdict} />
        {check.tier !== null && <span>{t(`check.tier.${check.tier}`)}</span>}
      </p>
      <ul className="check-items">
        {CHECK_ITEMS.map((item) => (
          <li key={item}>
            <span className="check-items__name">{t(`check.item.${item}`)}</span>
            <span className="check-items__figure">{figureOf(item, check.measures)}</span>
            <VerdictSign verdict={check.verdicts[item]} />
            {check.verdicts[item] !== 'green' && <small>{t(`check.advice.${item}`)}</small>}
          </li>
        ))}
      </ul>
      <Advice check={check} seat={seat} />
    </>
  );
}

/** One press takes what the tier proposes. */
function Advice({ check, seat }: { check: DeviceCheck; seat: string }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const proposed = receiveOfTier(check.tier);
  if (proposed === 'high' || (room.links.receive[seat] ?? 'high') === proposed) return null;
  return (
    <button type="button" className="button button--lamp" data-testid="take-proposal" onClick={() => void session.act({ type: 'receive', picture: proposed })}>
      {t(`check.take.${proposed}`)}
    </button>
  );
}
