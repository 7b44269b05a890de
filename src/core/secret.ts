const HIDDEN = "[secret]";

/**
 * Text that never prints itself: `String()`, template literals, `JSON.stringify`, `console.log` and
 * `util.inspect` all give `[secret]`. Only {@link Secret.reveal} gives the text, so every place that
 * lets a secret out can be found by searching for that word.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  // The symbol that Node's util.inspect looks for; named here so that core needs no node:util.
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return HIDDEN;
  }
}
