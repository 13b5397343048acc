import type { Session } from '../session/session.ts';
import { MedsamPanel } from '../panels/MedsamPanel.tsx';

export const panelModule = (session: Session) => [
  {
    name: 'medsam',
    label: 'MedSAM',
    iconName: 'tool-rectangle',
    iconLabel: 'MedSAM',
    component: () => <MedsamPanel session={session} />,
  },
];
