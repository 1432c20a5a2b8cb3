// One stream of events a page, resumed where it broke off.

const NAMES = [
  "run",
  "step",
  "sub_step",
  "operation",
  "log",
  "decision",
  "tick",
  "trigger",
  "pause",
  "config",
  "state",
  "resync",
];

export class Live {
  #source = null;
  #topics = "";
  #hear = null;
  #last = 0;
  #status = "idle";
  #retry = 0;
  #wait = 1000;
  constructor(onStatus) {
    this.onStatus = onStatus;
    // Whoever comes back to a network does not wait for the next try.
    addEventListener("online", () => {
      if (!this.#topics || this.#status === "live") return;
      this.#wait = 1000;
      this.#open();
    });
  }

  /** Listens for these topics from a sequence on; `hear(name, data)` is called for each event. */
  listen(topics, after, hear) {
    this.#hear = hear;
    const wanted = topics.join(",");
    if (wanted === this.#topics && this.#source) return;
    this.#topics = wanted;
    this.#last = after || 0;
    this.#open();
  }

  stop() {
    this.#source?.close();
    this.#source = null;
    this.#topics = "";
    clearTimeout(this.#retry);
    this.#say("idle");
  }

  #open() {
    clearTimeout(this.#retry);
    this.#source?.close();
    const query = new URLSearchParams({ topics: this.#topics });
    if (this.#last) query.set("after", this.#last);
    const source = new EventSource(`/api/v1/events/stream?${query}`);
    this.#source = source;
    source.onopen = () => {
      this.#wait = 1000;
      this.#say("live");
    };
    // The browser comes back by itself with Last-Event-ID; it gives up when the answer is no stream.
    source.onerror = () => {
      this.#say("reconnecting");
      if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
      this.#retry = setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, 30_000);
    };
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        if (event.lastEventId) this.#last = Number(event.lastEventId);
        let data = {};
        try {
          data = JSON.parse(event.data);
        } catch {
          /* an event is only a reason to read again */
        }
        this.#hear?.(name, data);
      });
    }
  }

  #say(status) {
    if (status !== this.#status) {
      this.#status = status;
      this.onStatus?.(status);
    }
  }
}
