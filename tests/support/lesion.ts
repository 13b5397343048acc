/** What a new segment is given where a test does not care. */
export const LESION = {
  label: 'Lesion',
  color: [230, 80, 60],
  coding: {
    category: { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Altered Structure' },
    type: { value: '52988006', scheme: 'SCT', meaning: 'Lesion' },
  },
} as const;
