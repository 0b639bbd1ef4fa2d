// What was seen of one revocation at one isolate.

export class Seen {
  #trial;
  #acceptedAt = -Infinity;
  #refused;
  #again = 0;
  #unavailable = 0;
  #oldest = 0;

  constructor(trial) {
    this.#trial = trial;
  }

  /** An answer, and when its request was sent. */
  note(verdict, { sentAt, answeredAt, age_ms = 0 }) {
    if (verdict === "accepted") {
      this.#acceptedAt = sentAt;
      this.#oldest = Math.max(this.#oldest, age_ms);
      if (this.#refused) this.#again++;
    } else if (verdict === "unavailable") {
      this.#unavailable++;
    } else if (answeredAt < this.#trial.sentAt) {
      throw new Error("a session was refused before it was revoked");
    } else {
      this.#refused ??= { sentAt, answeredAt };
    }
  }

  /** Milliseconds; those after the acknowledgement are below zero where the refusal was faster than it. */
  conclude() {
    const { sentAt, ackAt } = this.#trial;
    return {
      refused_after_ack_ms: this.#refused.answeredAt - ackAt,
      refused_after_send_ms: this.#refused.answeredAt - sentAt,
      refusal_took_ms: this.#refused.answeredAt - this.#refused.sentAt,
      accepted_until_ms: Math.max(this.#acceptedAt - ackAt, 0),
      accepted_again: this.#again,
      unavailable: this.#unavailable,
      oldest_knowledge_ms: this.#oldest,
    };
  }
}
