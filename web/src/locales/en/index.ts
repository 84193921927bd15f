import { joined } from '../join';

export default joined(import.meta.glob('./*.json', { eager: true, import: 'default' }));
