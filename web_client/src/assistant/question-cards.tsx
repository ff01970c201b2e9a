import { useTranslation } from 'react-i18next';
import { Countdown } from '../components/countdown';
import { Icon } from '../components/icons';
import { useOwnSeat, useRoom } from '../components/session-context';
import type { Poll, Round } from '../protocol/board';
import { answeringSeat, isReady, openPoll, openRound, ownAnswer, takesAnswers } from '../room/own-room';
import type { Answering } from './answer-form';
import { AnswerForm } from './answer-form';

/** What the room is asked now: the local part of a round, and a poll. Above everything else, for it has a timer. */
export function QuestionCards() {
  const { room } = useRoom();
  const round = openRound(room);
  const poll = openPoll(room);
  return (
    <>
      {round !== null && <RoundCard key={`round-${round.id}`} round={round} />}
      {poll !== null && <PollCard key={`poll-${poll.id}`} poll={poll} />}
    </>
  );
}

function RoundCard({ round }: { round: Round }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const seat = answeringSeat(room, me);
  const former = ownAnswer(round.answers, room, me);
  const ready = isReady(round, me);

  function send({ counts, text }: Answering): void {
    const shared = { type: 'round_answer' as const, round: round.id, seat };
    void session.act(counts === null ? { ...shared, text: text ?? '' } : { ...shared, counts });
  }

  return (
    <section className="side-card question-card" aria-labelledby="round-title" data-testid="round" data-phase={round.phase}>
      <h2 id="round-title" className="section-title">
        {t('round.title')}
        <small>{t(`round.phase.${round.phase}`)}</small>
      </h2>
      <p className="question-card__prompt">{round.prompt}</p>
      {round.phase === 'local' && round.local_until_ms !== null && <Countdown untilMs={round.local_until_ms} label={t('round.left')} />}
      {round.phase === 'local' && (
        <button
          type="button"
          className={ready ? 'button button--lamp' : 'button'}
          data-testid="round-ready"
          disabled={ready || me.classroom === null}
          onClick={() => void session.act({ type: 'round_ready', round: round.id })}
        >
          <Icon name="check" />
          {t(ready ? 'panel.isReady' : 'panel.ready')}
        </button>
      )}
      {takesAnswers(round) && round.answer !== 'photo' && <AnswerForm answer={round.answer} choices={round.choices} former={former} onSend={send} />}
    </section>
  );
}

function PollCard({ poll }: { poll: Poll }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const send = ({ counts }: Answering): void =>
    void session.act({ type: 'poll_answer', poll: poll.id, counts: counts ?? [], seat: answeringSeat(room, me) });
  return (
    <section className="side-card question-card" aria-labelledby="poll-title" data-testid="poll">
      <h2 id="poll-title" className="section-title">
        {t('poll.title')}
        <small>{t('panel.pollHint')}</small>
      </h2>
      <p className="question-card__prompt">{poll.question}</p>
      <AnswerForm answer="choice" choices={poll.choices} former={ownAnswer(poll.answers, room, me)} onSend={send} />
    </section>
  );
}
