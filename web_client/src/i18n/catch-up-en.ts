/** Words of what was missed, of the pause in one room, and of catching up. */
export const catchUpEn = {
  missed: 'You missed {{time}}',
  catchUp: 'Catch up',
  stayLive: 'Stay live',
  opening: 'Opening what you missed…',
  behind_one: 'Catching up: {{count}} second behind',
  behind_other: 'Catching up: {{count}} seconds behind',
  paused: 'Paused here, {{time}}. The lesson goes on.',
  goOn: 'Go on from here',
  liveNow: 'Live now',
  pause: 'Pause',
  pauseHere: 'Pause in this room',
  failed: 'What was missed cannot be played now. This is live.',
  pictureOf: 'Earlier picture of {{name}}',
};
