import { describe, expect, it } from 'vitest';
import { ownPages } from './ownPages.ts';

const here = ownPages({ host: '127.0.0.1', allowedOrigins: ['https://viewer.example.org'] });
const onNetwork = ownPages({ host: '0.0.0.0', allowedOrigins: [] });

describe('a server that listens to its own machine only', () => {
  it.each([
    'localhost:3000',
    'LOCALHOST',
    '127.0.0.1:3000',
    '127.1.2.3',
    '[::1]:3000',
    'localhost.:3000',
    'viewer.example.org',
    'viewer.example.org:443',
  ])('is known as %s', (host) => expect(here.knows({ host })).toBe(true));
  it.each(['evil.example.org:3000', 'localhost.evil.example.org', '127.0.0.1.evil.org', '192.168.1.7', '', 'a b'])(
    'is not known as "%s"',
    (host) => expect(here.knows({ host })).toBe(false),
  );
  it('answers programs that name nobody', () => expect(here.knows({})).toBe(true));
});

it('on a network any name may be right', () => expect(onNetwork.knows({ host: 'pacs7:3000' })).toBe(true));

it('pages of the same host, of origins that are allowed, and programs may open a WebSocket and change something', () => {
  const host = 'localhost:3000';
  expect(here.sent({ host })).toBe(true);
  expect(here.sent({ host, origin: 'http://localhost:3000' })).toBe(true);
  expect(here.sent({ host, origin: 'https://viewer.example.org' })).toBe(true);
  expect(here.sent({ host, origin: 'http://localhost:8080' })).toBe(false);
  expect(here.sent({ host, origin: 'null' })).toBe(false);
});

it('pages may open WebSockets to the address that they came from and to those that are allowed, and nothing slips into the policy', () => {
  expect(here.sockets({ host: 'localhost:3000' })).toBe(
    'ws://viewer.example.org wss://viewer.example.org ws://localhost:3000 wss://localhost:3000',
  );
  expect(onNetwork.sockets({ host: '[::1]:3000' })).toBe('');
  expect(onNetwork.sockets({ host: "x; script-src 'none'" })).toBe('');
});
