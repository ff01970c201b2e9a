/** What a page shows stands in its address, so that a link or a reload brings the same again. */

export function inAddress(name: string): string | null {
  return new URLSearchParams(window.location.search).get(name);
}

export function keepInAddress(values: Readonly<Record<string, string | null>>): void {
  const parameters = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  window.history.replaceState(null, '', window.location.pathname + (query === '' ? '' : `?${query}`));
}
