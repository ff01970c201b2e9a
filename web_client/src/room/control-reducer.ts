/** `controls` after one event. Pure. */
import type { ControlEvent, Controls } from '../protocol/controls';

export function reduceControls(controls: Controls, event: ControlEvent): Controls {
  switch (event.type) {
    case 'all_forbidden':
      return { ...controls, is_all_forbidden: event.forbidden };
    case 'classroom_blocked': {
      const block = event.block === null ? null : { block: event.block, by: event.by };
      return { ...controls, blocks: withMember(controls.blocks, event.classroom, block) };
    }
    case 'classroom_local':
      return { ...controls, local: toggled(controls.local, event.classroom, event.is_local) };
    case 'admission_changed':
      return { ...controls, admission: event.admission };
    case 'seat_waiting':
      return { ...controls, waiting: [...controls.waiting, event.waiting] };
    case 'seat_waiting_ended':
      return { ...controls, waiting: controls.waiting.filter((one) => one.id !== event.seat) };
    case 'seat_banned':
      return { ...controls, bans: [...controls.bans, event.ban] };
    case 'ban_lifted':
      return { ...controls, bans: controls.bans.filter((ban) => ban.seat !== event.seat) };
    case 'ability_granted': {
      const held = toggled(controls.grants[event.seat] ?? [], event.ability, event.granted);
      return { ...controls, grants: withMember(controls.grants, event.seat, held.length === 0 ? null : held) };
    }
    case 'policy_changed':
      return { ...controls, denied: toggled(controls.denied, event.ability, !event.allowed) };
    case 'whisper_changed':
      return { ...controls, whispers: withMember(controls.whispers, event.seat, event.to) };
    case 'listening_changed':
      return { ...controls, listens: withMember(controls.listens, event.seat, event.to) };
  }
}

/** Grants end with the seat, and who whispers or listens to whom. */
export function controlsWithoutSeat(controls: Controls, seat: string): Controls {
  return {
    ...controls,
    grants: withMember(controls.grants, seat, null),
    whispers: withoutEnd(controls.whispers, seat),
    listens: withoutEnd(controls.listens, seat),
  };
}

function withoutEnd(pairs: Readonly<Record<string, string>>, seat: string): Record<string, string> {
  return Object.fromEntries(Object.entries(pairs).filter((ends) => !ends.includes(seat)));
}

export function withMember<T>(members: Readonly<Record<string, T>>, id: string, value: T | null): Record<string, T> {
  const others = Object.fromEntries(Object.entries(members).filter(([other]) => other !== id));
  return value === null ? others : { ...others, [id]: value };
}

function toggled(items: readonly string[], item: string, isIn: boolean): string[] {
  const others = items.filter((other) => other !== item);
  return isIn ? [...others, item].sort() : others;
}
