import { utilities } from '@cornerstonejs/core';

/** A random UUID: crypto.randomUUID does not exist on plain http origins, as many a hospital's are. */
export const newId = (): string => utilities.uuidv4();
