/** Beside the picture, for the last row: what the room is asked, how long it has, who was picked. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Answering } from '../assistant/answer-form';
import { AnswerForm } from '../assistant/answer-form';
import { Countdown } from '../components/countdown';
import { useServerNow } from '../components/server-now';
import { useOwnSeat, useRoom } from '../components/session-context';
import type { Pick, Poll, Round, Timer } from '../protocol/board';
import { hasAssistant, isReady, openPoll, openRound, ownAnswer, takesAnswers } from '../room/own-room';

const PICK_SHOWN_MS = 20_000;
/** "Time is up" stays this long. */
const TIMER_STAYS_MS = 15_000;

export function PromptPanel() {
  const { room } = useRoom();
  const { pick, timer } = room.board;
  const isPicking = useIsFresh(pick, PICK_SHOWN_MS);
  const round = openRound(room);
  const poll = openPoll(room);
  const serverNow = useServerNow();
  // One clock at a time: the round's, while it runs.
  const runs = timer !== null && serverNow < timer.ends_at_ms + TIMER_STAYS_MS && round?.phase !== 'local';
  if (round === null && poll === null && !(pick !== null && isPicking) && !runs) return null;
  return (
    <aside className="prompt-panel">
      {pick !== null && isPicking && <PickNote pick={pick} />}
      {round !== null && <RoundPrompt key={`round-${round.id}`} round={round} />}
      {poll !== null && <PollPrompt key={`poll-${poll.id}`} poll={poll} />}
      {timer !== null && runs && <TimerNote timer={timer} isOver={serverNow >= timer.ends_at_ms} />}
    </aside>
  );
}

/** Whether a value has come within the last `shownMs`. */
function useIsFresh(value: unknown, shownMs: number): boolean {
  const [staleValue, setStaleValue] = useState<unknown>(null);
  useEffect(() => {
    const timer = setTimeout(() => setStaleValue(value), shownMs);
    return () => clearTimeout(timer);
  }, [value, shownMs]);
  return staleValue !== value;
}

function PickNote({ pick }: { pick: Pick }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const me = useOwnSeat();
  const isOwn = pick.seat === me.id;
  const name = pick.seat === null ? '' : (room.seats.get(pick.seat)?.name ?? pick.classroom ?? '');
  return (
    <section className="prompt prompt--pick" role="status" data-testid="pick" data-own={isOwn}>
      <h2>{t('pick.title')}</h2>
      <p className="prompt__big">{pick.number !== null ? t('pick.number', { number: pick.number }) : isOwn ? t('pick.own') : name}</p>
    </section>
  );
}

function RoundPrompt({ round }: { round: Round }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const answer = ownAnswer(round.answers, room, me);
  const state = answer !== null && takesAnswers(round) ? 'answered' : isReady(round, me) && round.phase === 'local' ? 'ready' : round.phase;
  const send = ({ counts, text }: Answering): void =>
    void session.act({ type: 'round_answer', round: round.id, ...(counts === null ? { text: text ?? '' } : { counts }) });
  return (
    <section className="prompt" role="status" data-testid="round" data-phase={round.phase}>
      <h2>{t('round.title')}</h2>
      <p className="prompt__words">{round.prompt}</p>
      {round.choices.length > 0 && <Choices choices={round.choices} />}
      {round.phase === 'local' && round.local_until_ms !== null && <Countdown untilMs={round.local_until_ms} label={t('round.left')} />}
      <p className="prompt__do">{t(`round.do.${state}`)}</p>
      {takesAnswers(round) && round.answer !== 'photo' && !hasAssistant(room, me) && (
        <AnswerForm answer={round.answer} choices={round.choices} former={answer} onSend={send} />
      )}
    </section>
  );
}

function PollPrompt({ poll }: { poll: Poll }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const answer = ownAnswer(poll.answers, room, me);
  return (
    <section className="prompt" role="status" data-testid="poll">
      <h2>{t('poll.title')}</h2>
      <p className="prompt__words">{poll.question}</p>
      <Choices choices={poll.choices} />
      <p className="prompt__do">{t(answer === null ? 'poll.do' : 'round.do.answered')}</p>
      {!hasAssistant(room, me) && (
        <AnswerForm answer="choice" choices={poll.choices} former={answer} onSend={({ counts }) => void session.act({ type: 'poll_answer', poll: poll.id, counts: counts ?? [] })} />
      )}
    </section>
  );
}

function Choices({ choices }: { choices: readonly string[] }) {
  return (
    <ol className="prompt__choices">
      {choices.map((choice, index) => (
        <li key={choice}>
          <b>{String.fromCharCode(65 + index)}</b> {choice}
        </li>
      ))}
    </ol>
  );
}

function TimerNote({ timer, isOver }: { timer: Timer; isOver: boolean }) {
  const { t } = useTranslation();
  return (
    <section className="prompt prompt--timer" data-testid="timer">
      <h2>{timer.label || t('timer.title')}</h2>
      {isOver ? <p className="prompt__big">{t('timer.over')}</p> : <Countdown untilMs={timer.ends_at_ms} label={timer.label || t('timer.title')} />}
    </section>
  );
}
