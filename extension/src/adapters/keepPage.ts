import type { Notices } from '../session/ports.ts';
import type { createServerConnection } from './serverConnection.ts';

type Connection = Pick<ReturnType<typeof createServerConnection>, 'onWaiting' | 'waiting'>;

/** Has a page on which steps wait for the server kept open: they are nowhere else. As long as the page, also back at the study list. */
export function keepPage(server: Connection, notices: Notices): void {
  server.onWaiting(() =>
    notices.info(
      'Not on the server yet',
      'Your last step waits for the server. Keep this page open until the MedSAM panel says "Connected".',
    ),
  );
  window.addEventListener('beforeunload', (event) => {
    if (server.waiting().size > 0) event.preventDefault();
  });
}
