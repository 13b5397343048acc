import type { ModelCard } from './modelCard.ts';
import type { PublishedModel } from './publishedModel.ts';

/** What somebody who takes a model into use has to know and accept. */
export interface Terms {
  readonly title: string;
  readonly licence: string;
  /** In one sentence. */
  readonly terms: string | undefined;
  readonly attribution?: string;
  readonly page?: string;
  /** Facts that nobody has compared with the page. */
  readonly unchecked?: readonly string[];
}

/** Shows the terms and asks. @throws AppError `terms-not-accepted` */
export type AskConsent = (terms: Terms) => Promise<void>;

export const termsOfPublished = ({ fromMemory, ...model }: PublishedModel): Terms => ({
  ...model,
  unchecked: fromMemory,
});

export const termsOfCard = ({ title, version, licence, notice }: ModelCard): Terms => ({
  title: `${title} ${version}`,
  licence,
  terms: notice,
});

export const termsText = ({ title, licence, terms, attribution, page, unchecked = [] }: Terms): string =>
  [
    title,
    `  Licence:  ${licence}`,
    terms && `  Terms:    ${terms}`,
    attribution && `  To name:  ${attribution}`,
    page && `  Page:     ${page}`,
    unchecked.length > 0 && `  Written down from memory, not compared with the page: ${unchecked.join(', ')}.`,
  ]
    .filter(Boolean)
    .join('\n');
