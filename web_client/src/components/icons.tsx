/** One drawing hand: 24 units, 1.9 stroke, round ends. Icons stand beside words or carry a label on their button. */
import type { ReactNode } from 'react';

const SHAPES = {
  microphone: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
    </>
  ),
  'microphone-off': (
    <>
      <path d="M9 9v2a3 3 0 0 0 5 2.2M15 10V6a3 3 0 0 0-5.7-1.3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5c0 .9-.2 1.8-.5 2.6M12 18v3M4 3.5l16 17" />
    </>
  ),
  camera: (
    <>
      <rect x="3" y="6.5" width="12.5" height="11" rx="2.5" />
      <path d="m15.5 11 5.5-3v8l-5.5-3" />
    </>
  ),
  'camera-off': (
    <>
      <path d="M9 6.5h4a2.5 2.5 0 0 1 2.5 2.5v2l5.5-3v8l-2.5-1.4M15.5 15v0a2.5 2.5 0 0 1-2.5 2.5H5.5A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 2-2.45M4 3.5l16 17" />
    </>
  ),
  screen: (
    <>
      <rect x="3" y="4.5" width="18" height="12" rx="2.2" />
      <path d="M8.5 20h7M12 16.5V20M12 13V8.2m-2.2 2L12 8l2.2 2.2" />
    </>
  ),
  'screen-off': (
    <>
      <rect x="3" y="4.5" width="18" height="12" rx="2.2" />
      <path d="M8.5 20h7M12 16.5V20M9.8 8.3l4.4 4.4m0-4.4-4.4 4.4" />
    </>
  ),
  hand: (
    <path d="M7.5 12.5V6.2a1.5 1.5 0 0 1 3 0V11m0-1V4.5a1.5 1.5 0 0 1 3 0V11m0-5.2a1.5 1.5 0 0 1 3 0V14a6.8 6.8 0 0 1-6.7 7c-2.7 0-4.3-1.3-5.5-3.6l-1.8-3.5a1.5 1.5 0 0 1 2.6-1.5l1.4 2.1" />
  ),
  stage: (
    <>
      <path d="M3.5 19.5h17M6 19.5v-3h12v3" />
      <circle cx="12" cy="7" r="2.7" />
      <path d="M7.5 16.5c0-2.8 1.9-4.5 4.5-4.5s4.5 1.7 4.5 4.5" />
    </>
  ),
  'stage-off': (
    <>
      <path d="M3.5 19.5h17M12 4v9.5m-3.6-3.6L12 13.5l3.6-3.6" />
    </>
  ),
  link: (
    <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1" />
  ),
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  warning: (
    <>
      <path d="M12 4 2.8 19.5h18.4L12 4Z" />
      <path d="M12 10v4.5m0 2.4v.1" />
    </>
  ),
  signal: <path d="M4.5 19v-3M9.5 19v-6M14.5 19v-9.5M19.5 19V5" />,
  'signal-off': <path d="M4.5 19v-3M9.5 19v-6M14.5 19v-3M19.5 19v-3M13 4l7 7m0-7-7 7" />,
  people: (
    <>
      <circle cx="9" cy="8" r="3.2" />
      <path d="M3 19.5c0-3.4 2.6-5.5 6-5.5s6 2.1 6 5.5M16 5.2a3.2 3.2 0 0 1 0 5.7M17.5 14.3c2.1.700 3.5 2.5 3.5 5.2" />
    </>
  ),
  play: <path d="M8 5.5v13l10.5-6.5L8 5.5Z" fill="currentColor" />,
  pause: <path d="M8 5.5v13M16 5.5v13" strokeWidth="3.2" />,
  back10: (
    <>
      <path d="M4 4.5V9h4.5M4.6 9A8.3 8.3 0 1 1 4 13.5" />
      <path d="M9.3 11v5M12.3 12.4v2.2a1.4 1.4 0 0 0 2.8 0v-2.2a1.4 1.4 0 0 0-2.8 0Z" strokeWidth="1.5" />
    </>
  ),
  forward10: (
    <>
      <path d="M20 4.5V9h-4.5M19.4 9a8.3 8.3 0 1 0 .6 4.5" />
      <path d="M9.3 11v5M12.3 12.4v2.2a1.4 1.4 0 0 0 2.8 0v-2.2a1.4 1.4 0 0 0-2.8 0Z" strokeWidth="1.5" />
    </>
  ),
  sound: <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />,
  'sound-off': <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9.5l5 5m0-5-5 5" />,
  fullscreen: <path d="M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15" />,
  'side-by-side': <path d="M3 6h8v12H3zM13 6h8v12h-8z" />,
  corner: <path d="M3 5h18v14H3zM13.5 12.5h5v4h-5z" />,
  door: <path d="M10 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H10M14.5 8l4 4-4 4M18.5 12H9.5" />,
  globe: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M3.5 12h17M12 3.5c2.6 2.5 3.8 5.3 3.8 8.5s-1.2 6-3.8 8.5c-2.6-2.5-3.8-5.3-3.8-8.5s1.2-6 3.8-8.5Z" />
    </>
  ),
  chart: <path d="M4 19.5h16M6.5 16v-4M11 16V7M15.5 16v-6M20 16V4.5" />,
  download: <path d="M12 4v11.5m-4-4 4 4 4-4M4.5 16v3.5h15V16" />,
  print: <path d="M7 9V4h10v5M7 17H4.5V9h15v8H17M7 14h10v6H7z" />,
  left: <path d="m14.5 5.5-6.5 6.5 6.5 6.5" />,
  right: <path d="m9.5 5.5 6.5 6.5-6.5 6.5" />,
  slides: (
    <>
      <rect x="3" y="4.5" width="18" height="12" rx="2.2" />
      <path d="M7 9h6M7 12.5h9M12 16.5V20M8.5 20h7" />
    </>
  ),
  pointer: (
    <>
      <circle cx="12" cy="12" r="3.2" fill="currentColor" />
      <path d="M12 3v3M12 18v3M3 12h3M18 12h3" />
    </>
  ),
  search: <path d="M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM15.7 15.7l4.8 4.8" />,
  edit: <path d="M4.5 19.5h4L19 9l-4-4L4.5 15.5v4ZM13 7l4 4" />,
  key: (
    <>
      <circle cx="8" cy="15.5" r="4" />
      <path d="m11 12.5 8-8m-3.5 3.5 3 3" />
    </>
  ),
  upload: <path d="M12 16V4.5m-4 4 4-4 4 4M4.5 16v3.5h15V16" />,
  plus: <path d="M12 5v14M5 12h14" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7.5V12l3 2" />
    </>
  ),
  fast: <path d="m4 6 7 6-7 6V6Zm9 0 7 6-7 6V6Z" />,
  ear: <path d="M7 10.5a5 5 0 0 1 10 0c0 3.5-3 4-3 7a3 3 0 0 1-5.5 1.5M9.8 10.5a2.2 2.2 0 0 1 4.4 0c0 1.5-1.7 1.7-1.7 3.3" />,
  more: <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth="3.2" />,
  'hand-stop': (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="m6.2 6.2 11.6 11.6" />
    </>
  ),
  dice: (
    <>
      <rect x="4" y="4" width="16" height="16" rx="3.5" />
      <path d="M8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01" strokeWidth="2.8" />
    </>
  ),
  flag: <path d="M6 21V4.5h11l-2 4 2 4H6" />,
  send: <path d="M4 12 20 4.5 16 20l-4.5-6.5L4 12Zm7.5 1.5L20 4.5" />,
  bell: <path d="M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5l1.5-1.5ZM10.5 20.5h3" />,
  power: <path d="M12 3.5V12M7 6.3a7.5 7.5 0 1 0 10 0" />,
  help: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M9.7 9.5a2.4 2.4 0 1 1 3.4 2.2c-.8.4-1.100.9-1.100 1.8M12 16.3v.1" />
    </>
  ),
  round: <path d="M4 5h16v10H11l-4.5 4v-4H4V5Zm4.5 5h7" />,
  talk: <path d="M3.5 5h11v7.5H9L6 15.3v-2.8H3.5V5ZM17 9h3.5v7.5H18v2.8l-3-2.8h-4" />,
  captions: (
    <>
      <rect x="3" y="5" width="18" height="14" rx="2.5" />
      <path d="M10.5 10.6a2.2 2.2 0 1 0 0 2.8M17.500 10.6a2.2 2.2 0 1 0 0 2.8" />
    </>
  ),
  settings: (
    <path d="M4 7h9M19 7h1M4 12h1M11 12h9M4 17h7M17 17h3M16 4.800v4.400M8 9.800v4.400M14 14.800v4.400" />
  ),
  swap: <path d="M4 8.500h14.500M15 5l3.500 3.500L15 12M20 15.500H5.500M9 12l-3.500 3.500L9 19" />,
  refresh: <path d="M20 5v4.5h-4.5M4 19v-4.5h4.5M19.5 9.5A8 8 0 0 0 5.7 7.7M4.5 14.5a8 8 0 0 0 13.8 1.8" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 22 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[name]}
    </svg>
  );
}

/** Two riders on one frame: the mark of Tandem. */
export function Mark({ size = 30 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" className="mark__ground" />
      <circle cx="12.2" cy="16" r="6.2" className="mark__first" />
      <circle cx="19.8" cy="16" r="6.2" className="mark__second" />
    </svg>
  );
}
