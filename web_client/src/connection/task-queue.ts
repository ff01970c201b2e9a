/** Runs asynchronous steps one after the other, so that two negotiations of one peer never interleave. */
export class TaskQueue {
  private tail: Promise<void> = Promise.resolve();

  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.tail.then(step);
    this.tail = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
