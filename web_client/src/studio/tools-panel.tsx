/** Timer, random pick, markers. */
import type { FormEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { MAX_LABEL } from '../protocol/board';
import { TimerChip } from './timer-chip';
import { PickResult } from './pick-result';

export function ToolsPanel() {
  return (
    <div className="tools">
      <TimerTool />
      <PickTool />
      <MarkerTool />
      <RecordingTool />
    </div>
  );
}

const TIMER_MINUTES = [1, 3, 5, 10] as const;

function TimerTool() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [label, setLabel] = useState('');
  const { timer } = room.board;
  const start = (minutes: number) => void session.act({ type: 'timer', duration_s: minutes * 60, label: label.trim() });
  return (
    <section aria-labelledby="timer-title">
      <h3 id="timer-title">{t('teach.timer.title')}</h3>
      {timer === null ? (
        <>
          <label className="field">
            <span>{t('teach.timer.label')}</span>
            <input value={label} maxLength={MAX_LABEL} onChange={(event) => setLabel(event.target.value)} />
          </label>
          <div className="tile-actions">
            {TIMER_MINUTES.map((minutes) => (
              <button key={minutes} type="button" className="button button--small" data-testid={`timer-${minutes}`} onClick={() => start(minutes)}>
                {t('teach.minutes', { count: minutes })}
              </button>
            ))}
          </div>
        </>
      ) : (
        <div className="tile-actions">
          <TimerChip endsAtMs={timer.ends_at_ms} label={timer.label || t('teach.timer.title')} />
          {timer.label !== '' && <strong>{timer.label}</strong>}
          <button type="button" className="button button--small" onClick={() => void session.act({ type: 'timer', duration_s: null })}>
            {t('teach.timer.stop')}
          </button>
        </div>
      )}
    </section>
  );
}

function PickTool() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [upto, setUpto] = useState(30);
  const isValid = Number.isInteger(upto) && upto >= 1 && upto <= 100;
  return (
    <section aria-labelledby="pick-title">
      <h3 id="pick-title">{t('teach.pick.title')}</h3>
      <div className="tile-actions">
        <button type="button" className="button button--small" data-testid="pick-classroom" onClick={() => void session.act({ type: 'pick', of: 'classroom' })}>
          <Icon name="dice" size={20} />
          {t('teach.pick.classroom')}
        </button>
        <label className="pick__upto">
          {t('teach.pick.upto')}
          <input type="number" min={1} max={100} value={upto} onChange={(event) => setUpto(event.target.valueAsNumber)} />
        </label>
        <button type="button" className="button button--small" disabled={!isValid} onClick={() => void session.act({ type: 'pick', of: 'number', upto })}>
          <Icon name="dice" size={20} />
          {t('teach.pick.number')}
        </button>
      </div>
      {room.board.pick !== null && <PickResult pick={room.board.pick} />}
    </section>
  );
}

function MarkerTool() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [label, setLabel] = useState('');
  const { markers } = room.board;
  const startedAtMs = room.lesson.started_at_ms;
  const set = (event: FormEvent): void => {
    event.preventDefault();
    const words = label.trim() || t('teach.marker.unnamed', { number: markers.length + 1 });
    void session.act({ type: 'marker', label: words }).then((isSet) => isSet && setLabel(''));
  };
  return (
    <section aria-labelledby="marker-title">
      <h3 id="marker-title">{t('teach.marker.title')}</h3>
      <form className="line-form" onSubmit={set}>
        <label className="visually-hidden" htmlFor="marker-label">
          {t('teach.marker.label')}
        </label>
        <input id="marker-label" value={label} maxLength={MAX_LABEL} placeholder={t('teach.marker.label')} onChange={(event) => setLabel(event.target.value)} />
        <button type="submit" className="button button--small" data-testid="marker-set">
          <Icon name="flag" size={20} />
          {t('teach.marker.set')}
        </button>
      </form>
      {markers.length > 0 && (
        <ol className="markers">
          {markers.map((marker) => (
            <li key={marker.id}>
              <span className="markers__time">{startedAtMs === null ? '–' : clockText(marker.at_ms - startedAtMs)}</span>
              {marker.label}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** What is said now is not to be kept: the replay's time stands still until it goes on. */
function RecordingTool() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const { state } = room.recording;
  if (state !== 'recording' && state !== 'paused') return null;
  const type = state === 'recording' ? 'recording_stop' : 'recording_start';
  return (
    <section aria-labelledby="recording-title">
      <h3 id="recording-title">{t('teach.recording.title')}</h3>
      <p className="soft">{t(`teach.recording.${state}`)}</p>
      <button type="button" className="button button--small" data-testid="recording-switch" data-state={state} onClick={() => void session.act({ type })}>
        {t(`teach.recording.${type}`)}
      </button>
    </section>
  );
}
