/** Raised with every change of a message that an older viewer or server would misread. */
export const PROTOCOL_VERSION = 1;
