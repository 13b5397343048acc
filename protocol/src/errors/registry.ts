/**
 * Every error that may cross the wire: its HTTP status, what happened, and what to do about it. Texts never hold
 * patient data: details are numbers, limits and names that the sender itself gave.
 */
export const ERRORS = {
  'protocol-version': [
    426,
    'Viewer and server speak different protocol versions.',
    'Reload the page so that the viewer matches the server.',
  ],
  'message-unknown': [
    400,
    'The server does not know this message.',
    'Reload the page so that the viewer matches the server.',
  ],
  'message-invalid': [
    400,
    'The message is malformed.',
    'See the named fields; reload the page if you did not write the message yourself.',
  ],
  'message-too-large': [
    413,
    'The message is larger than the server accepts.',
    'Send less at once, or raise the limit in the server settings.',
  ],
  'host-unknown': [
    421,
    'This server is not known under this name.',
    'Open it as localhost; or, where a reverse proxy gives it this name, add its origin to allowedOrigins in the server settings.',
  ],
  'origin-unknown': [
    403,
    'A page of another site may not send this.',
    'Open the viewer at the address of this server; or, where a reverse proxy gives it another, add its origin to allowedOrigins in the server settings.',
  ],
  'rate-limited': [429, 'Too many messages in a short time.', 'Wait a moment and try again.'],
  'identity-missing': [401, 'The server does not know who you are.', 'Enter your name and connect again.'],
  'series-unknown': [404, 'This series has not been opened.', 'Open the series in the viewer first.'],
  'series-mixed': [
    422,
    'The images do not form one series.',
    'Use one series whose images share study and orientation.',
  ],
  'series-grown': [409, 'Images were added to the series while it was propagated.', 'Propagate again.'],
  'slice-missing': [409, 'The pixels of this slice have not arrived yet.', 'Send the slice, then repeat the request.'],
  'slice-mismatch': [
    422,
    'The slice does not fit its series.',
    'Check rows, columns and pixel type against the announced series.',
  ],
  'slice-corrupt': [422, 'The pixels do not match their hash or length.', 'Send the slice again.'],
  'box-invalid': [
    422,
    'The box cannot be used.',
    'Draw a box that has at least 2 pixels on each side and touches the image.',
  ],
  'points-invalid': [
    422,
    'The points that correct this box cannot be used.',
    'Click within the image, or use brush and eraser; where the model takes boxes only, choose another one.',
  ],
  'segment-unknown': [404, 'This segment does not exist (any more).', 'Choose another segment or add a new one.'],
  'segment-approved': [
    423,
    'The segment is approved and therefore read-only.',
    'Reopen the segment before changing it.',
  ],
  'comment-invalid': [
    422,
    'The comment of this review cannot be used.',
    'Write what has to change, in at most 2000 characters.',
  ],
  'operation-invalid': [422, 'This change cannot be applied to the document.', 'Reload the document and try again.'],
  'nothing-to-undo': [409, 'There is nothing (more) of yours to undo or redo.', 'Continue working.'],
  'model-unknown': [404, 'The server has no such model.', 'Choose one of the models listed in the panel.'],
  'model-invalid': [
    500,
    'The model files cannot be used.',
    'Install the model again; its files do not match its card.',
  ],
  'model-refused': [
    422,
    'The model was not added.',
    'Export it again, or ask whoever made it; models/README.md says what a model has to be.',
  ],
  'terms-not-accepted': [
    403,
    'The terms of this model have not been accepted.',
    'Read them; then answer yes, or repeat the command with --accept.',
  ],
  'download-failed': [
    502,
    'The file could not be downloaded.',
    'Check the network and HTTPS_PROXY, or name a mirror with MEDSAM_MODEL_MIRROR. Repeat the command: it goes on where it was cut.',
  ],
  'download-corrupt': [
    502,
    'What was downloaded is not the published file, and was deleted.',
    'Repeat the command; if it happens again, compare the address with the page of the model.',
  ],
  'engine-failed': [
    503,
    'The inference process failed on this request.',
    'Try again; if it persists, look into the server log.',
  ],
  'engine-busy': [503, 'The server has more work than it can queue.', 'Try again in a few seconds.'],
  superseded: [409, 'A newer request replaced this one.', 'Nothing to do.'],
  cancelled: [499, 'The request was cancelled.', 'Nothing to do.'],
  'propagation-unknown': [404, 'This propagation is not running.', 'Start a new propagation.'],
  'propagation-running': [
    409,
    'This segment is being propagated already.',
    'Wait for the running propagation or cancel it.',
  ],
  'propagation-empty': [422, 'There is no mask to propagate on this slice.', 'Draw a box on the slice first.'],
  'archive-unreachable': [
    502,
    'The archive (PACS) cannot be reached.',
    'Your work is kept. Check the connection to the archive and save again.',
  ],
  'archive-timeout': [
    504,
    'The archive (PACS) did not answer in time.',
    'Your work is kept. Save again: nothing is stored twice.',
  ],
  'archive-refused': [
    502,
    'The archive (PACS) refused the request.',
    'Your work is kept. Ask the archive administrator, quoting the reason.',
  ],
  'not-found': [404, 'The archive has no such object.', 'Check that the study is in the archive.'],
  'segmentation-empty': [422, 'There is nothing to save: every segment is empty.', 'Segment something first.'],
  'segmentation-unreadable': [
    422,
    'This segmentation object cannot be opened.',
    'Open it in the viewer read-only instead.',
  ],
  'source-unsupported': [422, 'A segmentation of these images cannot be written.', 'See the named attribute.'],
  'dicom-invalid': [422, 'The file is not readable DICOM.', 'Check that the file is complete and not damaged.'],
  'dicom-unsupported': [422, 'The pixel encoding is not supported.', 'Convert the file to another transfer syntax.'],
  'state-unwritable': [
    507,
    'The state folder cannot be written.',
    'Free disk space or give the server write access to its state folder.',
  ],
  'state-locked': [
    409,
    'Another server uses this state folder.',
    'Stop the other server or set MEDSAM_DATA to another folder.',
  ],
  'state-corrupt': [
    500,
    'The state folder holds something that this server cannot read.',
    'Restore the state folder from a backup, or move it away and start with a new one.',
  ],
  'state-timeout': [
    503,
    'What the state folder holds was not read in time.',
    'Nothing is known to be damaged: leave the state folder as it is. Try again when the machine or its disk has less to do.',
  ],
  'documents-unreachable': [
    503,
    'The database of the documents cannot be used.',
    'Nothing that was acknowledged is lost. Check that the database runs, and its address, user and password in the settings.',
  ],
  'input-invalid': [400, 'The input cannot be used.', 'See the message for what is expected.'],
  internal: [500, 'The server failed unexpectedly.', 'Try again; if it persists, look into the server log.'],
} as const satisfies Record<string, readonly [status: number, message: string, remedy: string]>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];
