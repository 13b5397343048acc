import { expect, it } from 'vitest';
import { convertCommand } from './convertCommand.ts';

it('the command to convert weights names them wherever they lie', () => {
  const convert = 'python -m medsam_models export --model m --weights FILE --out DIR';
  const command = convertCommand(
    { convert } as Parameters<typeof convertCommand>[0],
    '/srv/MEDSAM DIR/FILE.pth',
    '/out',
  );
  expect(command).toContain("--weights '/srv/MEDSAM DIR/FILE.pth' --out /out)");
});
