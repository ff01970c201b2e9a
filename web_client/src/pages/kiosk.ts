/** `?auto=1`: enters by itself with the remembered or default devices, unchecked. For kiosk classrooms and tests. */
export function isKiosk(): boolean {
  return new URLSearchParams(window.location.search).get('auto') === '1';
}
