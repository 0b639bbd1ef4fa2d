// What happens next: a binary heap by time.

export class Agenda {
  #entries = [];

  add(time, what) {
    const entries = this.#entries;
    let at = entries.push([time, what]) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (entries[above][0] <= time) break;
      entries[at] = entries[above];
      at = above;
    }
    entries[at] = [time, what];
  }

  /** The earliest, which must be there. */
  take() {
    const entries = this.#entries;
    const first = entries[0];
    const moved = entries.pop();
    if (entries.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= entries.length) break;
      if (below + 1 < entries.length && entries[below + 1][0] < entries[below][0]) below += 1;
      if (entries[below][0] >= moved[0]) break;
      entries[at] = entries[below];
      at = below;
    }
    entries[at] = moved;
    return first;
  }
}
