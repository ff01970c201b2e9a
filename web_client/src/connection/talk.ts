/** What is said besides the numbered events: texts that wait for this teacher, private texts, pointers. */
import type { Text } from '../protocol/board';
import type { PointerMessage, PrivateText } from '../protocol/messages';
import { Observable } from './observable';

const KEPT_PRIVATE_TEXTS = 100;

export interface TalkView {
  /** Students' texts that this seat may approve, oldest first. */
  pending: readonly Text[];
  /** Sent and received since the page was opened, oldest first. */
  privateTexts: readonly PrivateText[];
}

export interface Pointer {
  x: number;
  y: number;
}

export class Talk {
  readonly view = new Observable<TalkView>({ pending: [], privateTexts: [] });
  /** Where each seat points, in ten-thousandths of the slide. */
  readonly pointers = new Observable<ReadonlyMap<string, Pointer>>(new Map());

  /** The server tells anew what waits. */
  handleWelcome(): void {
    this.view.change({ pending: [] });
    this.pointers.set(new Map());
  }

  handlePending(text: Text): void {
    this.view.change({ pending: [...this.view.get().pending.filter((one) => one.id !== text.id), text] });
  }

  handleDecided(id: number): void {
    this.view.change({ pending: this.view.get().pending.filter((one) => one.id !== id) });
  }

  handlePrivate({ seat, to, text }: PrivateText): void {
    this.view.change({ privateTexts: [...this.view.get().privateTexts, { seat, to, text }].slice(-KEPT_PRIVATE_TEXTS) });
  }

  handlePointer({ seat, x, y }: PointerMessage): void {
    const pointers = new Map(this.pointers.get());
    if (x === null || y === null) pointers.delete(seat);
    else pointers.set(seat, { x, y });
    this.pointers.set(pointers);
  }
}
