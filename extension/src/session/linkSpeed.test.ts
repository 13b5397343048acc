import { describe, expect, it } from 'vitest';
import { createLinkSpeed } from './linkSpeed.ts';

/** A link with a clock of its own. */
function measured() {
  let ms = 0;
  const link = createLinkSpeed(() => ms);
  /** Half a megabyte at so many megabytes a second. */
  const send = (megabytesPerSecond: number) => {
    const acknowledged = link.sending();
    ms += 500 / megabytesPerSecond;
    acknowledged(500_000);
  };
  return { link, send, wait: (more: number) => (ms += more) };
}

describe('what goes over the link', () => {
  it('[LS1] goes raw before the link is known', () => expect(measured().link.isCompressing()).toBe(false));

  it('[LS2] is compressed after the link was slow, until it is fast again', () => {
    const { link, send } = measured();
    send(1);
    expect(link.isCompressing()).toBe(true);
    send(50);
    expect(link.isCompressing()).toBe(false);
  });

  it('[LS3] goes as before while the link is in between', () => {
    const [before, after] = [measured(), measured()];
    before.send(6);
    expect(before.link.isCompressing()).toBe(false);
    after.send(1);
    after.send(6);
    expect(after.link.isCompressing()).toBe(true);
  });

  it('[LS4] goes raw now and then over a slow link, to see whether it still is', () => {
    const { link, send } = measured();
    send(1);
    const raw = Array.from({ length: 160 }, () => link.isCompressing()).filter((compressed) => !compressed);
    expect(raw).toHaveLength(10);
  });

  it('[LS5] is not judged by a few bytes', () => {
    const { link, wait } = measured();
    for (let n = 0; n < 3; n++) {
      const acknowledged = link.sending();
      wait(30);
      acknowledged(1_000);
    }
    expect(link.isCompressing()).toBe(false);
    for (let n = 0; n < 90; n++) {
      const acknowledged = link.sending();
      wait(1);
      acknowledged(1_000);
    }
    expect(link.isCompressing()).toBe(true);
  });

  it('[LS6] is measured only while it goes, and not twice by two at once', () => {
    const { link, send, wait } = measured();
    send(10);
    wait(60_000);
    send(10);
    for (let n = 0; n < 20; n++) {
      const both = [link.sending(), link.sending()];
      for (const acknowledged of both) {
        wait(100);
        acknowledged(500_000);
      }
      expect(link.isCompressing()).toBe(false);
    }
  });
});
