/** One key each. Function keys: a letter would be typed by accident, and speech input would press it (WCAG 2.1.4). */
export const KEYS = { help: 'F1', whisper: 'F2', pause: 'F8', forbid: 'F9', shutDown: 'F10' } as const;
