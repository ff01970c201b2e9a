/** Signed addresses whose signature ends while one watches: the newest signature of a folder goes into all. Pure. */

interface Addressed {
  readonly hls_url: string;
}

const SIGNED = /^(.*?)(\/media\/)([^/]+)\/([^/]+)(\/.*)$/;

/** Folder -> signature, as a replay has them now. */
export function signaturesOf(replay: { pictures: readonly Addressed[]; sound: Addressed | null }): ReadonlyMap<string, string> {
  const urls = [...replay.pictures.map((picture) => picture.hls_url), ...(replay.sound === null ? [] : [replay.sound.hls_url])];
  return new Map(
    urls.flatMap((url): [string, string][] => {
      const [, , , signature, folder] = SIGNED.exec(url) ?? [];
      return signature === undefined || folder === undefined ? [] : [[folder, signature]];
    }),
  );
}

export function resigned(url: string, signatures: ReadonlyMap<string, string>): string {
  const [, host, face, , folder, rest] = SIGNED.exec(url) ?? [];
  const signature = signatures.get(folder ?? '');
  return signature === undefined ? url : `${host}${face}${signature}/${folder}${rest}`;
}
