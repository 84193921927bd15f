/** The drawings only the meeting needs, on the grid of ui/icons.ts. */

import { ICONS } from '../../ui/icons';

export const ROOM_ICONS = {
  ...ICONS,
  more: 'M6 12v.1M12 12v.1M18 12v.1',
  gear: 'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M12 3.5v2.600M12 17.900v2.600M3.500 12h2.600M17.900 12h2.600M6 6l1.800 1.800M16.200 16.200 18 18M18 6l-1.800 1.800M7.800 16.200 6 18',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  hangUp: 'M3 14.500c0-6 18-6 18 0v1.500l-4.500 1-.800-3.200c-2.300-.800-5.100-.800-7.400 0L7.500 17 3 16z',
  speaker: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15 9.200c1.500 1.500 1.500 4.100 0 5.600M17.600 6.700c3 3 3 7.600 0 10.600',
  speakerView: 'M4 5h16v10H4zM4 18.500h4M10 18.500h4M16 18.500h4',
  send: 'M4.500 12 20 4.500 15 20l-3.500-6.500z',
  previous: 'M14.500 6 8.500 12l6 6',
  megaphone: 'M4 10v4h3l8 4V6L7 10zM18 9.500c1.300 1.300 1.300 3.700 0 5M8.500 14.500 10 19',
  star: 'M12 4.500l2.200 4.700 5.100.600-3.800 3.500 1 5-4.500-2.500L7.500 18.300l1-5L4.700 9.800l5.100-.600z',
  phone: 'M8 3.500h8v17H8zM11 17.800h2',
  door: 'M6 20.500V4h9v16.500M3.500 20.500h17M12 12.500v.100M18 20.500v-14h-3',
} as const;

export type RoomIconName = keyof typeof ROOM_ICONS;
