import type { Seat } from '../protocol/messages';

/** Who reads a text: the teacher alone, everybody; null while it cannot go as its writer chose. A private text never becomes public by itself. */
export type TextWay = { type: 'text_private'; seat: string } | { type: 'text' };

export function wayOf(isPrivate: boolean, teacher: Pick<Seat, 'id' | 'connected'> | null): TextWay | null {
  if (!isPrivate) return { type: 'text' };
  return teacher !== null && teacher.connected ? { type: 'text_private', seat: teacher.id } : null;
}
