export const ROLES = ['master', 'classroom', 'assistant', 'student', 'observer'] as const;
export type Role = (typeof ROLES)[number];
