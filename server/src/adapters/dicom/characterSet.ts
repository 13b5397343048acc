/** DICOM Defined Terms of Specific Character Set (PS3.3 C.12.1.1.2) and the names by which TextDecoder knows them. */
const DECODERS: Readonly<Record<string, string>> = {
  '': 'utf-8',
  'ISO_IR 6': 'utf-8',
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'latin5',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 166': 'tis-620',
  'ISO_IR 192': 'utf-8',
  'ISO_IR 87': 'iso-2022-jp',
  'ISO_IR 159': 'iso-2022-jp',
  'ISO_IR 149': 'euc-kr',
  'ISO_IR 58': 'gb2312',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** Escape sequences of ISO 2022 (PS3.5 section 6.1.2.5): they switch tables, and most decoders would show them as text. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(\$?[()\-.]?[A-Za-z@])/g;
// eslint-disable-next-line no-control-regex
const BEFORE_ESCAPE = /(?=\x1b)/;

export type DecodeText = (bytes: Uint8Array) => string;

/**
 * @param terms - Values of SpecificCharacterSet (0008,0005); with several, the last one decides, which the code extensions
 *   in use (one Latin table, then one Asian) make right; half-width katakana apart. An unknown term reads as UTF-8, which
 *   ASCII survives.
 */
export function textDecoderFor(terms: readonly string[]): DecodeText {
  const named = terms.map((term) => term.trim().replace('ISO 2022 IR', 'ISO_IR')).filter((term) => term !== '');
  if (named.includes('ISO_IR 13')) return japaneseDecoder();
  const encoding = DECODERS[named.at(-1) ?? ''] ?? 'utf-8';
  const decoder = new TextDecoder(encoding);
  if (encoding === 'iso-2022-jp') return (bytes) => decoder.decode(bytes);
  return (bytes) => decoder.decode(bytes).replace(ESCAPES, '');
}

/** Half-width katakana beside kanji: from one escape sequence to the next all is of one set (PS3.5 annex H.3.2). */
function japaneseDecoder(): DecodeText {
  const [kanji, others] = [new TextDecoder('iso-2022-jp'), new TextDecoder('shift_jis')];
  return (bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .split(BEFORE_ESCAPE)
      .map((piece) => (piece.startsWith('\x1b$') ? kanji : others).decode(Buffer.from(piece, 'latin1')))
      .join('')
      .replace(ESCAPES, '');
}
