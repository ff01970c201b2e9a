/** The files that an import takes, as templates to fill in. Pure. The columns are those of docs/api.md. */
import type { ImportTable } from '../protocol/planning';

const TEMPLATES: Readonly<Record<ImportTable, Readonly<Record<'en' | 'zh', readonly (readonly string[])[]>>>> = {
  timetable: {
    en: [
      ['date', 'start', 'end', 'title', 'teacher', 'room', 'classrooms', 'mode', 'record'],
      ['2026-09-07', '08:05', '08:45', 'Fractions', 'lin.mei', 'Studio 1', 'Hill 3-4;Valley 3', 'interactive', 'master_only'],
    ],
    zh: [
      ['日期', '开始', '结束', '标题', '教师', '教室', '班级', '模式', '录制'],
      ['2026-09-07', '08:05', '08:45', '分数的初步认识', 'lin.mei', '录播教室一', '云岭三四年级;石桥三年级', 'interactive', 'master_only'],
    ],
  },
  users: {
    en: [
      ['login', 'name', 'role', 'language'],
      ['lin.mei', 'Lin Mei', 'master', 'en'],
    ],
    zh: [
      ['登录名', '姓名', '角色', '语言'],
      ['lin.mei', '林梅', 'master', 'zh-CN'],
    ],
  },
  'student-groups': {
    en: [
      ['name', 'grades', 'size'],
      ['Hill 3-4', '3;4', '12'],
    ],
    zh: [
      ['名称', '年级', '人数'],
      ['云岭三四年级', '3;4', '12'],
    ],
  },
};

/** Spreadsheets read UTF-8 only with the byte order mark. */
const BYTE_ORDER_MARK = '\ufeff';

export function templateOf(table: ImportTable, language: string): string {
  const lines = TEMPLATES[table][language === 'zh' ? 'zh' : 'en'];
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}
