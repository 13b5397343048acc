import type { Services } from '../ohif.ts';
import type { Notices } from '../session/ports.ts';

const ERROR_SHOWN_MS = 10_000;

export const createNotices = ({ uiNotificationService }: Services): Notices => ({
  error: (title, { message, remedy }) => {
    uiNotificationService.show({ title, message: `${message} ${remedy}`, type: 'error', duration: ERROR_SHOWN_MS });
  },
  info: (title, message) => {
    uiNotificationService.show({ title, message, type: 'info', duration: ERROR_SHOWN_MS / 2 });
  },
});
