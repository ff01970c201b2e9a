/** 错过的内容、本教室暂停与追看。 */
export const catchUpZh = {
  missed: '错过了 {{time}}',
  catchUp: '追看',
  stayLive: '继续看直播',
  opening: '正在打开错过的内容…',
  behind_one: '正在追看：落后 {{count}} 秒',
  behind_other: '正在追看：落后 {{count}} 秒',
  paused: '本教室已暂停 {{time}}，课堂仍在继续。',
  goOn: '从这里继续',
  liveNow: '回到直播',
  pause: '暂停',
  pauseHere: '暂停本教室的画面',
  failed: '暂时无法播放错过的内容，现在是直播。',
  pictureOf: '{{name}}的先前画面',
};
