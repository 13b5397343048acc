/** What went wrong, in words for the user. */
export interface Problem {
  readonly message: string;
  readonly remedy: string;
}
