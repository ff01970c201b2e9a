/** 任务的用语：zh.ts 的一部分。 */
import type { job as english } from './jobs-en';

export const job: typeof english = {
  progress: '进度',
  percent: '{{percent}}%',
  cancel: '停止',
  cancelling: '正在停止…',
  again: '这次没有成功，稍后自动重试',
  kind: {
    ladder: '回放制作',
    chapters: '章节查找',
    recognise: '字幕生成',
    package: '离线打包',
    store: '存入存储',
    other: '任务',
  },
  state: {
    pending: '排队中，课堂优先',
    running: '进行中',
    done: '已完成',
    failed: '未能完成',
    cancelled: '已停止',
  },
  step: {
    sound: '正在均衡音量',
    picture: '正在制作各种清晰度的画面',
    fetching: '正在取回制作所需的文件',
    storing: '正在上传到存储',
  },
  reason: {
    job_died: '多次中断，请告知管理员。',
    job_stalled: '多次停滞，请告知管理员。',
    no_input: '所需的素材已不存在。',
    resource_unknown: '所需的素材已不存在。',
    source_missing: '所需的素材已不存在。',
    package_too_large: '超过 4 GiB。请剪短这一版，或分成两版。',
    path_refused: '无法按要求制作，请联系管理员。',
    media_malformed: '这一版有文件损坏，请重新制作这一版。',
    plan_invalid: '无法按要求制作，请联系管理员。',
  },
};
