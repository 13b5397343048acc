/** To load one variant of a model on one execution provider, which may take the process down. */
export interface Attempt {
  /** The same in every process. */
  readonly key: string;
  /** As users are told of it. */
  readonly what: string;
  /** A process that takes longer over it hangs. */
  readonly limitMs: number;
}

/** Between a file and the process that it may take down. */
export interface LoadGuard {
  /** Why an attempt is not to be made, if it is not. */
  refusal(key: string): string | undefined;
  /** Resolves once it is known elsewhere what is going to be tried. */
  announce(attempt: Attempt): Promise<void>;
}
