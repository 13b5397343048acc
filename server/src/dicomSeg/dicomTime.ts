/** A moment as DICOM writes it: DA, TM and DT in the same local time. */
export interface DicomTime {
  readonly date: string;
  readonly time: string;
  /** DT with its offset from UTC. */
  readonly dateTime: string;
}

/**
 * @param offset - TimezoneOffsetFromUTC of the source, `+hhmm`; that attribute holds for all times of an instance (PS3.3
 *   C.12.1.1.8), also for those that were copied. Without it, the server's own local time is meant.
 */
export function dicomTime(at: Date, offset: string | undefined): DicomTime {
  const minutes = offsetMinutes(offset) ?? -at.getTimezoneOffset();
  const text = new Date(at.getTime() + minutes * 60_000).toISOString();
  const date = text.slice(0, 10).replaceAll('-', '');
  const time = text.slice(11, 23).replaceAll(':', '');
  return { date, time, dateTime: `${date}${time}${offsetText(minutes)}` };
}

function offsetMinutes(offset: string | undefined): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(offset ?? '') ?? [];
  return sign === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}
