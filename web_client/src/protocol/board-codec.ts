/** Frames -> `board` and its events. */
import type { Answer, Board, BoardEvent, Deck, Ink, Marker, Pick, Poll, Round, ShownPhoto, Slide, Text, Timer } from './board';
import { ANSWER_KINDS, PHASES, ROOM_SIGNALS } from './board';
import type { Reader } from './reader';

export function parseBoard(reader: Reader): Board {
  return {
    round: reader.childOrNull('round', parseRound),
    poll: reader.childOrNull('poll', parsePoll),
    signals: reader.members('signals', (signals, seat) => signals.oneOf(seat, ROOM_SIGNALS)),
    markers: reader.list('markers', parseMarker),
    timer: reader.childOrNull('timer', parseTimer),
    pick: reader.childOrNull('pick', parsePick),
    decks: reader.list('decks', parseDeck),
    slide: reader.childOrNull('slide', parseSlide),
    ink: reader.list('ink', parseInk),
    photos: reader.list('photos', parseShownPhoto),
    texts: reader.list('texts', parseText),
  };
}

function parseRound(reader: Reader): Round {
  return {
    id: reader.integer('id'),
    prompt: reader.text('prompt'),
    answer: reader.oneOf('answer', ANSWER_KINDS),
    choices: reader.texts('choices'),
    phase: reader.oneOf('phase', PHASES),
    local_until_ms: reader.integerOrNull('local_until_ms'),
    ready: reader.texts('ready'),
    answers: reader.list('answers', parseAnswer),
    tally: reader.integers('tally'),
  };
}

function parsePoll(reader: Reader): Poll {
  return {
    id: reader.integer('id'),
    question: reader.text('question'),
    choices: reader.texts('choices'),
    answers: reader.list('answers', parseAnswer),
    tally: reader.integers('tally'),
    is_open: reader.boolean('is_open'),
  };
}

function parseAnswer(reader: Reader): Answer {
  return {
    seat: reader.text('seat'),
    classroom: reader.textOrNull('classroom'),
    counts: reader.integers('counts'),
    text: reader.textOrNull('text'),
    photo: reader.textOrNull('photo'),
  };
}

function parseMarker(reader: Reader): Marker {
  return { id: reader.integer('id'), at_ms: reader.integer('at_ms'), label: reader.text('label') };
}

function parseTimer(reader: Reader): Timer {
  return { ends_at_ms: reader.integer('ends_at_ms'), duration_ms: reader.integer('duration_ms'), label: reader.text('label') };
}

function parsePick(reader: Reader): Pick {
  return {
    classroom: reader.textOrNull('classroom'),
    seat: reader.textOrNull('seat'),
    number: reader.integerOrNull('number'),
    of: reader.integer('of'),
  };
}

function parseDeck(reader: Reader): Deck {
  return { id: reader.text('id'), title: reader.textOrNull('title') ?? '', page_count: reader.integer('page_count') };
}

function parseSlide(reader: Reader): Slide {
  return { deck: reader.text('deck'), page: reader.integer('page') };
}

function parseInk(reader: Reader): Ink {
  return {
    id: reader.integer('id'),
    seat: reader.text('seat'),
    deck: reader.text('deck'),
    page: reader.integer('page'),
    color: reader.text('color'),
    width: reader.integer('width'),
    points: reader.pairs('points'),
  };
}

function parseShownPhoto(reader: Reader): ShownPhoto {
  return { photo: reader.text('photo'), seat: reader.text('seat'), classroom: reader.textOrNull('classroom') };
}

export function parseText(reader: Reader): Text {
  return { id: reader.integer('id'), seat: reader.textOrNull('seat'), text: reader.text('text') };
}

/** null: another kind of event. */
export function parseBoardEvent(reader: Reader, type: string): BoardEvent | null {
  switch (type) {
    case 'round_opened':
      return { type, round: parseRound(reader.child('round')) };
    case 'round_phase':
      return {
        type,
        round: reader.integer('round'),
        phase: reader.oneOf('phase', PHASES),
        local_until_ms: reader.integerOrNull('local_until_ms'),
      };
    case 'round_ready':
      return { type, round: reader.integer('round'), classroom: reader.text('classroom') };
    case 'round_answered':
      return { type, round: reader.integer('round'), answer: parseAnswer(reader.child('answer')), tally: reader.integers('tally') };
    case 'poll_opened':
      return { type, poll: parsePoll(reader.child('poll')) };
    case 'poll_answered':
      return { type, poll: reader.integer('poll'), answer: parseAnswer(reader.child('answer')), tally: reader.integers('tally') };
    case 'poll_closed':
      return { type, poll: reader.integer('poll') };
    case 'signal_raised':
      return { type, seat: reader.text('seat'), signal: reader.oneOfOrNull('signal', ROOM_SIGNALS) };
    case 'marker_set':
      return { type, marker: parseMarker(reader.child('marker')) };
    case 'timer_set':
      return { type, timer: reader.childOrNull('timer', parseTimer) };
    case 'picked':
      return { type, pick: parsePick(reader.child('pick')) };
    case 'deck_ready':
      return { type, deck: parseDeck(reader.child('deck')) };
    case 'deck_removed':
      return { type, deck: reader.text('deck') };
    case 'slide_shown':
      return { type, slide: reader.childOrNull('slide', parseSlide) };
    case 'ink_added':
      return { type, ink: parseInk(reader.child('ink')) };
    case 'ink_cleared':
      return { type, deck: reader.text('deck'), page: reader.integer('page') };
    case 'photos_shown':
      return { type, photos: reader.list('photos', parseShownPhoto) };
    case 'text_posted':
      return { type, text: parseText(reader.child('text')) };
    default:
      return null;
  }
}
