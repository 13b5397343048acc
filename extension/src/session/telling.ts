import { problemOf, RequestError, type Notices } from './ports.ts';

/** Runs a request and tells of its failure. A newer request that replaced this one is not a failure. */
export const createTelling = (notices: Notices) =>
  async function telling<T>(title: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof RequestError)) console.error(error);
      else if (error.code === 'superseded' || error.code === 'cancelled') return undefined;
      notices.error(title, problemOf(error));
      return undefined;
    }
  };
