const PATHS = {
  visible: 'M1 8s2.5-5 7-5 7 5 7 5-2.5 5-7 5-7-5-7-5z M8 5.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z',
  hidden: 'M1 8s2.5-5 7-5 7 5 7 5-2.5 5-7 5-7-5-7-5z M2 14 14 2',
  delete: 'M2.5 4.5h11 M6 4.5v-2h4v2 M4 4.5l.6 9h6.8l.6-9 M6.7 7v4 M9.3 7v4',
} as const;

/** Drawn here because the viewer's icons are not shared with plugins by OHIF 3.13. */
export const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg
    width="16"
    height="16"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.2"
    aria-hidden="true"
  >
    <path d={PATHS[name]} strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);
