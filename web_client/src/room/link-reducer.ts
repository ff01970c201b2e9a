/** `links` after one event. Pure. A check and a choice outlive the seat's absence, as its link does. */
import type { LinkEvent, Links } from '../protocol/links';
import { withMember } from './control-reducer';

export function reduceLinks(links: Links, event: LinkEvent): Links {
  switch (event.type) {
    case 'device_checked':
      return { ...links, checks: withMember(links.checks, event.seat, event.check) };
    case 'receive_changed':
      return { ...links, receive: withMember(links.receive, event.seat, event.picture === 'high' ? null : event.picture) };
  }
}
