/** Whether a key goes into a field, or presses a control, and is not meant for the page. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable], dialog') !== null;
}

/** A key together with another one belongs to the browser or the system: Alt+F8 is not F8. */
export function hasModifier(event: Pick<KeyboardEvent, 'ctrlKey' | 'altKey' | 'metaKey' | 'shiftKey'>): boolean {
  return event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
}

/** Space and Enter belong to the control that has the focus. */
export function isOnControl(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest('button, a, summary') !== null;
}
