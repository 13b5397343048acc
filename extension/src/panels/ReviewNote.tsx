import type { Review } from '@ohif-medsam/protocol';

/** Who said what of a segment, and when; in every row, since a change is asked of whoever sees it. */
export function ReviewNote({ review: { status, by, at, comment } }: { review: Review }) {
  if (status === 'draft') return null;
  return (
    <div className={status === 'needs-change' ? 'ms-note' : 'ms-quiet'}>
      {status === 'approved' ? 'Approved' : 'Change asked for'}
      {by === undefined ? '' : ` by ${by}`}
      {at === undefined ? '' : `, ${new Date(at).toLocaleString()}`}
      {comment ? `: “${comment}”` : ''}
    </div>
  );
}
