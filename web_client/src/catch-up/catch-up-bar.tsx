/** Above the picture: what was missed and how to see it, how far behind one is, and the way back to live. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import { hasModifier, isTyping } from '../components/typing';
import { useServerNow } from '../components/server-now';
import type { CatchUp } from './catch-up-context';
import { useCatchUp } from './catch-up-context';

export function CatchUpBar() {
  const { t } = useTranslation();
  const held = useCatchUp();
  useKeys(held);
  const { state, isPossible, isFailed } = held;
  if (!isPossible) return null;
  switch (state.mode) {
    case 'behind':
      return <Behind held={held} />;
    case 'paused':
      return <Paused held={held} fromMs={state.fromMs} />;
    case 'live': {
      if (isFailed) {
        return (
          <div className="catch-up catch-up--failed" role="alert">
            <Icon name="warning" size={28} />
            <strong>{t('catchUp.failed')}</strong>
            <button type="button" className="button button--small" onClick={held.dismiss}>
              {t('common.close')}
            </button>
          </div>
        );
      }
      if (state.missed === null) return null;
      const { fromMs, untilMs } = state.missed;
      return (
        <div className="catch-up catch-up--offer" role="alert" data-testid="missed">
          <Icon name="clock" size={28} />
          <strong>{t('catchUp.missed', { time: clockText(untilMs - fromMs) })}</strong>
          <button type="button" className="button button--lamp" data-testid="catch-up" aria-keyshortcuts="C" onClick={held.goOn}>
            {t('catchUp.catchUp')} <kbd>C</kbd>
          </button>
          <button type="button" className="button button--quiet" aria-keyshortcuts="L" onClick={held.dismiss}>
            {t('catchUp.stayLive')} <kbd>L</kbd>
          </button>
        </div>
      );
    }
  }
}

function Behind({ held }: { held: CatchUp }) {
  const { t } = useTranslation();
  const seconds = held.behindMs === null ? null : Math.ceil(held.behindMs / 1000);
  return (
    <div className="catch-up catch-up--behind" role="status" data-testid="behind">
      <Icon name="clock" size={28} />
      <strong>{seconds === null ? t('catchUp.opening') : t('catchUp.behind', { count: seconds })}</strong>
      <button type="button" className="button button--quiet" aria-keyshortcuts="P" disabled={seconds === null} onClick={held.pause}>
        <Icon name="pause" /> {t('catchUp.pause')} <kbd>P</kbd>
      </button>
      <LiveNow held={held} />
    </div>
  );
}

function Paused({ held, fromMs }: { held: CatchUp; fromMs: number }) {
  const { t } = useTranslation();
  const nowMs = useServerNow();
  return (
    <div className="catch-up catch-up--paused" role="status" data-testid="paused">
      <Icon name="pause" size={28} />
      <strong>{t('catchUp.paused', { time: clockText(nowMs - fromMs) })}</strong>
      <button type="button" className="button button--lamp" aria-keyshortcuts="P" data-testid="go-on" onClick={held.goOn}>
        <Icon name="play" /> {t('catchUp.goOn')} <kbd>P</kbd>
      </button>
      <LiveNow held={held} />
    </div>
  );
}

function LiveNow({ held }: { held: CatchUp }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="button" aria-keyshortcuts="L" data-testid="live-now" onClick={held.liveNow}>
      {t('catchUp.liveNow')} <kbd>L</kbd>
    </button>
  );
}

/** Stops the picture in this room alone. */
export function PauseButton() {
  const { t } = useTranslation();
  const { state, isPossible, pause } = useCatchUp();
  if (!isPossible || state.mode !== 'live') return null;
  return (
    <button type="button" className="button button--quiet button--icon" data-testid="pause-here" aria-keyshortcuts="P" aria-label={t('catchUp.pauseHere')} title={`${t('catchUp.pauseHere')} (P)`} onClick={pause}>
      <Icon name="pause" />
    </button>
  );
}

function useKeys({ state, isPossible, pause, goOn, liveNow }: CatchUp): void {
  useEffect(() => {
    if (!isPossible) return;
    const press = (event: KeyboardEvent): void => {
      if (event.repeat || hasModifier(event) || isTyping(event)) return;
      const key = event.key.toLowerCase();
      if (key === 'p') (state.mode === 'paused' ? goOn : pause)();
      else if (key === 'c') goOn();
      else if (key === 'l') liveNow();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [isPossible, state.mode, pause, goOn, liveNow]);
}
