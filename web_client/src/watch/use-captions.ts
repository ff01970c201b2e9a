import { useEffect, useState } from 'react';
import type { Captions } from '../protocol/replays';
import { replays } from '../protocol/replays';

export interface Line {
  fromS: number;
  untilS: number;
  text: string;
}

/**
 * The lines of a WebVTT file, read by the browser itself: a track of an element that plays nothing, so that hls.js,
 * which clears the tracks of its own element, does not know it.
 */
function parse(text: string): Promise<Line[]> {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/vtt' }));
  const track = document.createElement('track');
  const holder = document.createElement('video');
  return new Promise<Line[]>((resolve, reject) => {
    track.addEventListener('load', () => {
      resolve(
        [...(track.track.cues ?? [])].map((cue) => ({
          fromS: cue.startTime,
          untilS: cue.endTime,
          text: (cue as VTTCue).getCueAsHTML().textContent ?? '',
        })),
      );
    });
    track.addEventListener('error', () => reject(new Error('not WebVTT')));
    track.kind = 'captions';
    track.src = url;
    holder.append(track);
    track.track.mode = 'hidden';
  }).finally(() => {
    URL.revokeObjectURL(url);
    track.remove();
  });
}

/** Captions in a language; empty while they come, or cannot be had. */
export function useCaptions(captions: Captions | null, token: string): readonly Line[] {
  const [found, setFound] = useState<{ url: string; lines: readonly Line[] }>({ url: '', lines: [] });
  const url = captions?.url ?? '';
  useEffect(() => {
    if (url === '') return;
    let isGone = false;
    replays
      .captions(url, token)
      .then(parse)
      .then((lines) => {
        if (!isGone) setFound({ url, lines });
      })
      .catch((error: unknown) => console.warn('captions', error));
    return () => {
      isGone = true;
    };
  }, [url, token]);
  return found.url === url ? found.lines : [];
}
