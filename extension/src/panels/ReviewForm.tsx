import type { Segment } from '@ohif-medsam/protocol';
import { useState } from 'react';
import type { Actions } from '../session/actions.ts';

/** Who said what of a segment, and saying it oneself. */
export function ReviewForm({ segment, actions }: { segment: Segment; actions: Actions }) {
  const { id, label, review } = segment;
  const [comment, setComment] = useState<string>();
  const { status, by, at } = review;
  return (
    <div className="ms-column">
      {by !== undefined && status !== 'draft' && (
        <div className="ms-quiet">
          {status === 'approved' ? 'Approved' : 'Change asked for'} by {by}
          {at === undefined ? '' : `, ${new Date(at).toLocaleString()}`}
          {review.comment ? `: “${review.comment}”` : ''}
        </div>
      )}
      {comment === undefined ? (
        <div className="ms-row">
          {status === 'approved' ? (
            <button type="button" onClick={() => void actions.review(id, 'draft')}>
              Reopen
            </button>
          ) : (
            <>
              <button type="button" onClick={() => void actions.review(id, 'approved')}>
                Approve
              </button>
              <button type="button" onClick={() => setComment('')}>
                Needs change …
              </button>
            </>
          )}
        </div>
      ) : (
        <form
          className="ms-column"
          onSubmit={(event) => {
            event.preventDefault();
            void actions.review(id, 'needs-change', comment.trim());
            setComment(undefined);
          }}
        >
          <textarea
            rows={2}
            maxLength={2000}
            aria-label={`What has to change in ${label}`}
            placeholder="What has to change?"
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <div className="ms-row">
            <button type="submit">Ask for change</button>
            <button type="button" onClick={() => setComment(undefined)}>
              Cancel
            </button>
          </div>
        </form>
      )}
    </div>
  );
}
