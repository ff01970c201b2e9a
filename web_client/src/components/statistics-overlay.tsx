import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { livePeers } from '../connection/diagnostics';
import type { PeerFigures, StreamFigures } from '../connection/statistics';
import { readFigures } from '../connection/statistics';
import { Icon } from './icons';

const PERIOD_MS = 1_000;

/** What the connections do right now: for support on the telephone. */
export function StatisticsOverlay({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [figures, setFigures] = useState<PeerFigures[]>([]);
  useEffect(() => {
    let former: PeerFigures[] = [];
    let isGone = false;
    const read = async (): Promise<void> => {
      const next = await readFigures(livePeers(), former);
      if (isGone) return;
      former = next;
      setFigures(next);
    };
    void read();
    const timer = setInterval(() => void read(), PERIOD_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, []);
  return (
    <section className="statistics" aria-label={t('statistics.title')} data-testid="statistics">
      <header>
        <h2>{t('statistics.title')}</h2>
        <small>{t('statistics.hint')}</small>
        <button type="button" className="button button--quiet button--icon button--small" aria-label={t('common.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {figures.length === 0 && <p>{t('statistics.none')}</p>}
      {figures.map((peer, index) => (
        <PeerTable key={index} peer={peer} />
      ))}
    </section>
  );
}

function PeerTable({ peer }: { peer: PeerFigures }) {
  const { t } = useTranslation();
  const isPublish = peer.streams.some((stream) => stream.isSent);
  return (
    <table>
      <caption>
        {t(isPublish ? 'statistics.publish' : 'statistics.subscribe')} · {peer.state}
        {peer.roundTripMs !== null && ` · ${t('statistics.rtt', { ms: Math.round(peer.roundTripMs) })}`}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t('statistics.source')}</th>
          <th scope="col">{t('statistics.codec')}</th>
          <th scope="col">{t('statistics.size')}</th>
          <th scope="col">{t('statistics.fps')}</th>
          <th scope="col">{t('statistics.rate')}</th>
          <th scope="col">{t('statistics.lossPackets')}</th>
        </tr>
      </thead>
      <tbody>
        {peer.streams.map((stream) => (
          <StreamRow key={stream.id} stream={stream} />
        ))}
      </tbody>
    </table>
  );
}

function StreamRow({ stream }: { stream: StreamFigures }) {
  return (
    <tr>
      <td>
        {stream.kind} {stream.mid}
      </td>
      <td>{stream.codec}</td>
      <td>{stream.width === null ? '–' : `${stream.width}×${stream.height ?? 0}`}</td>
      <td>{stream.framesPerSecond === null ? '–' : Math.round(stream.framesPerSecond)}</td>
      <td>{Math.round(stream.bitrateBps / 1000)} kbit/s</td>
      <td>{stream.packetsLost ?? '–'}</td>
    </tr>
  );
}
