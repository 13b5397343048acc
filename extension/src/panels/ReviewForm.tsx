import type { Segment } from '@ohif-medsam/protocol';
import { useState } from 'react';
import type { Actions } from '../session/actions.ts';

/** Saying what one thinks of a segment: approved, or what has to change; and that it is mended or open again. */
export function ReviewForm({ segment, actions }: { segment: Segment; actions: Actions }) {
  const { id, label } = segment;
  const { status } = segment.review;
  const [comment, setComment] = useState<string>();
  if (status === 'approved')
    return (
      <div className="ms-row">
        <button type="button" onClick={() => void actions.review(id, 'draft')}>
          Reopen
        </button>
      </div>
    );
  if (comment === undefined)
    return (
      <div className="ms-row">
        <button type="button" onClick={() => void actions.review(id, 'approved')}>
          Approve
        </button>
        <button type="button" onClick={() => setComment('')}>
          Needs change …
        </button>
        {status === 'needs-change' && (
          <button type="button" onClick={() => void actions.review(id, 'draft')}>
            Resolved
          </button>
        )}
      </div>
    );
  return (
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
        required
        autoFocus
        aria-label={`What has to change in ${label}`}
        placeholder="What has to change?"
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="ms-row">
        <button type="submit" disabled={comment.trim() === ''}>
          Ask for change
        </button>
        <button type="button" onClick={() => setComment(undefined)}>
          Cancel
        </button>
      </div>
    </form>
  );
}
