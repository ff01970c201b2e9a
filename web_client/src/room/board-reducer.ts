/** `board` after one event. Pure. An event of a round or poll that is no longer there changes nothing. */
import type { Answer, Board, BoardEvent, Poll, Round } from '../protocol/board';
import { KEPT_TEXTS } from '../protocol/board';
import { withMember } from './control-reducer';

export function reduceBoard(board: Board, event: BoardEvent): Board {
  switch (event.type) {
    case 'round_opened':
      return { ...board, round: event.round };
    case 'round_phase':
      return withRound(board, event.round, () => ({ phase: event.phase, local_until_ms: event.local_until_ms }));
    case 'round_ready':
      return withRound(board, event.round, (round) => ({ ready: [...round.ready, event.classroom] }));
    case 'round_answered':
      return withRound(board, event.round, (round) => ({ answers: withAnswer(round.answers, event.answer), tally: event.tally }));
    case 'poll_opened':
      return { ...board, poll: event.poll };
    case 'poll_answered':
      return withPoll(board, event.poll, (poll) => ({ answers: withAnswer(poll.answers, event.answer), tally: event.tally }));
    case 'poll_closed':
      return withPoll(board, event.poll, () => ({ is_open: false }));
    case 'signal_raised':
      return { ...board, signals: withMember(board.signals, event.seat, event.signal) };
    case 'marker_set':
      return { ...board, markers: [...board.markers, event.marker] };
    case 'timer_set':
      return { ...board, timer: event.timer };
    case 'picked':
      return { ...board, pick: event.pick };
    case 'deck_ready':
      return { ...board, decks: [...board.decks.filter((deck) => deck.id !== event.deck.id), event.deck] };
    case 'deck_removed':
      return withoutDeck(board, event.deck);
    case 'slide_shown':
      return { ...board, slide: event.slide };
    case 'ink_added':
      return { ...board, ink: [...board.ink, event.ink] };
    case 'ink_cleared':
      return { ...board, ink: board.ink.filter((ink) => ink.deck !== event.deck || ink.page !== event.page) };
    case 'photos_shown':
      return { ...board, photos: event.photos };
    case 'text_posted':
      return { ...board, texts: [...board.texts, event.text].slice(-KEPT_TEXTS) };
  }
}

/** What a seat answered, drew and wrote stays when it leaves; its signal goes. */
export function boardWithoutSeat(board: Board, seat: string): Board {
  return { ...board, signals: withMember(board.signals, seat, null) };
}

function withoutDeck(board: Board, gone: string): Board {
  return {
    ...board,
    decks: board.decks.filter((deck) => deck.id !== gone),
    slide: board.slide?.deck === gone ? null : board.slide,
    ink: board.ink.filter((ink) => ink.deck !== gone),
  };
}

function withRound(board: Board, id: number, change: (round: Round) => Partial<Round>): Board {
  const { round } = board;
  return round === null || round.id !== id ? board : { ...board, round: { ...round, ...change(round) } };
}

function withPoll(board: Board, id: number, change: (poll: Poll) => Partial<Poll>): Board {
  const { poll } = board;
  return poll === null || poll.id !== id ? board : { ...board, poll: { ...poll, ...change(poll) } };
}

function withAnswer(answers: readonly Answer[], answer: Answer): Answer[] {
  return [...answers.filter((other) => other.seat !== answer.seat), answer];
}
