/** The words of jobs: part of en.ts. */
export const job = {
  progress: 'Progress',
  percent: '{{percent}} %',
  cancel: 'Stop this',
  cancelling: 'Is being stopped…',
  again: 'Did not work; it is tried again by itself',
  kind: {
    ladder: 'Replay',
    chapters: 'Chapters',
    recognise: 'Captions',
    package: 'Offline package',
    store: 'Copy to the storage',
    other: 'Task',
  },
  state: {
    pending: 'Waits for its turn; lessons go first',
    running: 'In progress',
    done: 'Done',
    failed: 'Did not work',
    cancelled: 'Was stopped',
  },
  step: {
    sound: 'Levelling voices',
    picture: 'Making pictures of all sizes',
    fetching: 'Fetching what it is made of',
    storing: 'Sending to the storage',
  },
  reason: {
    job_died: 'Broke off several times. Tell the administrator.',
    job_stalled: 'Stood still several times. Tell the administrator.',
    no_input: 'What it is made of is no longer there.',
    resource_unknown: 'What it is made of is no longer there.',
    source_missing: 'What it is made of is no longer there.',
    plan_invalid: 'It cannot be made as it was asked for. Tell the administrator.',
  },
};
